package dbcheck

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/sqltext"
)

const quotedInstead = " for a text, or the right name"

// quotedTexts returns the texts in double quotes that name nothing in a statement. SQLite
// takes such a name for a text where that is allowed, so that a misspelt column is one that
// never changes; a server refuses it.
//
// compiles tells of variants of the statement: a name in `backticks` is never taken for a
// text, and a text stands wherever a name does. So it makes no difference what the
// connection allows.
func quotedTexts(text string, compiles func(variant string) bool) (texts []string) {
	var quoted []string
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Quoted && t.Text[0] == '"' && !slices.Contains(quoted, t.Text) {
			quoted = append(quoted, t.Text)
		}
	}
	if len(quoted) == 0 || !compiles(requoted(text, "")) {
		return nil // what is wrong is something else
	}
	for _, name := range quoted {
		if !compiles(requoted(text, name)) {
			texts = append(texts, name)
		}
	}
	return texts
}

// requoted returns the statement with one name in backticks, and all other names that are
// in double quotes as texts.
func requoted(text, name string) string {
	var b strings.Builder
	for t := range sqltext.Tokens(text) {
		switch inner := strings.TrimSuffix(strings.TrimPrefix(t.Text, `"`), `"`); {
		case t.Kind != sqltext.Quoted || t.Text[0] != '"':
			b.WriteString(t.Text)
		case t.Text == name:
			b.WriteString("`" + strings.ReplaceAll(strings.ReplaceAll(inner, `""`, `"`), "`", "``") + "`")
		default:
			b.WriteString(asText(t.Text))
		}
	}
	return b.String()
}

// asText returns a name in double quotes as a text.
func asText(name string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(name[1:len(name)-1], `""`, `"`), "'", "''") + "'"
}

func compilesIn(ctx context.Context, pool *sql.DB, text string) bool {
	stmt, err := pool.PrepareContext(ctx, text)
	if err != nil {
		return false
	}
	return stmt.Close() == nil
}

// quotedTexts reports those of a query's statement.
func (c *checker) quotedTexts(q *query, f *flow) (findings []Finding) {
	texts := quotedTexts(f.text, func(variant string) bool { return compilesIn(c.ctx, c.pool, variant) })
	for _, text := range texts {
		line := q.line
		if i := slices.IndexFunc(q.parts, func(p part) bool { return p.text == text }); i >= 0 {
			line = q.lineAt(q.parts[i].offset)
		}
		findings = append(findings, q.finding(line, RuleCompile, asText(text)+quotedInstead, "%s names no column: SQLite may take it for a text, and a server refuses it", text))
	}
	return findings
}
