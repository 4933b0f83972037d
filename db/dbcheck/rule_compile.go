package dbcheck

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/internal/sqltext"
)

// quotedInObject reports names in double quotes that name nothing, in CHECKs, computed columns,
// indexes, views and triggers.
func quotedInObject(c *checker, o trial.Object) (findings []Finding) {
	for _, text := range c.databases.QuotedTextsOf(o) {
		findings = append(findings, findingAt(o.Query, o.Query.LineAt(strings.Index(o.Text, text)), asText(text)+" for a text, or the right name",
			"%s names no column in the %s %s: package db and a server refuse it, and other drivers may take it for a text", text, o.Kind, o.Name))
	}
	return findings
}

// uncompiled reports a statement that SQLite or the server doesn't compile, and names in double
// quotes that name nothing in it. A statement that only the server compiles is right.
func uncompiled(s *subject) (findings []Finding) {
	for _, text := range s.databases.QuotedTexts(s.binding.Flow.Text) {
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
	err := s.databases.Compile(s.binding.Flow.Text)
	refused, asked := s.refused[s.binding.Flow.Text]
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
		return findingOf(s.query, instead, "SQLite doesn't compile it with this schema: %v", err)
	case refused != nil:
		return findingOf(s.query, "", "the server doesn't compile it: %v", refused)
	}
	return nil
}

// asText returns a name in double quotes as a text.
func asText(name string) string {
	return "'" + strings.ReplaceAll(sqltext.Unquote(name), "'", "''") + "'"
}
