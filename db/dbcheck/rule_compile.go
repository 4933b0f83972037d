package dbcheck

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
)

// quotedInObject reports names in double quotes that name nothing, in CHECKs, computed columns,
// indexes, views and triggers.
func quotedInObject(all *subjects, o trial.Object, q *source.Query) (findings []Finding, err error) {
	texts, err := all.databases.QuotedTextsOf(o)
	for _, text := range texts {
		findings = append(findings, findingAt(q, q.LineAt(strings.Index(o.Text, text)), asText(text)+" for a text, or the right name",
			"%s names no column in the %s %s: package db and a server refuse it, and other drivers may take it for a text", text, o.Kind, o.Name))
	}
	return findings, err
}

// uncompiled reports a statement that SQLite or the server doesn't compile, and names in double
// quotes that name nothing in it. A statement that only the server compiles is right.
func uncompiled(s *subject) (findings []Finding) {
	for _, text := range s.databases.QuotedTexts(s.flow.Text) {
		line := s.query.Line
		if i := slices.IndexFunc(s.query.Parts, func(p source.Part) bool { return p.Text == text }); i >= 0 {
			line = s.query.LineAt(s.query.Parts[i].Offset)
		}
		findings = append(findings, findingAt(s.query, line, asText(text)+" for a text, or the right name",
			"%s names no column: package db and a server refuse it, and other drivers may take it for a text", text))
	}
	if len(findings) > 0 {
		return findings
	}
	err := s.databases.Compile(s.flow.Text)
	refused, asked := s.refused[s.flow.Text]
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil && asked && refused == nil:
		s.serverOnly = true
	case err != nil:
		instead := ""
		switch {
		case s.query.IsLibSQL() && !asked:
			instead = "nothing else, if it is for a libSQL server alone: have one compile it, by duolite gen --server URL or the option dbcheck.Server"
		case trial.IsUnknownName(err):
			instead = "nothing else, if it is the program's own: " + trial.WantOpenWith
		}
		return []Finding{findingAt(s.query, s.query.Line, instead, "SQLite doesn't compile it with this schema: %v", err)}
	case refused != nil:
		return []Finding{findingAt(s.query, s.query.Line, "", "the server doesn't compile it: %v", refused)}
	}
	return nil
}

// asText returns a name in double quotes as a text.
func asText(name string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(name[1:len(name)-1], `""`, `"`), "'", "''") + "'"
}
