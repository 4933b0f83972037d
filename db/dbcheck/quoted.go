package dbcheck

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/sqltext"
)

const quotedInstead = " for a text, or the right name"

// quotedTexts returns the names in double quotes that name nothing in a statement. SQLite
// takes such a name for a text where that is allowed, so that a misspelt column is one that
// never changes; a server refuses it.
//
// compiles tells of variants of the statement: a name in `backticks` is never taken for a
// text, and one in single quotes is a text wherever there can be one. So it makes no
// difference what the connection allows.
func quotedTexts(text string, compiles func(variant string) bool) []string {
	var quoted []string
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Quoted && t.Text[0] == '"' && !slices.Contains(quoted, t.Text) {
			quoted = append(quoted, t.Text)
		}
	}
	if len(quoted) == 0 {
		return nil
	}
	// Those that can't be names have to be texts in each variant that compiles, so the
	// smallest set is the one. What is wrong otherwise compiles with none.
	tries := 0
	for size := range len(quoted) + 1 {
		for texts := range subsets(quoted, size) {
			if tries++; tries > maxVariants {
				return nil
			}
			if compiles(requoted(text, texts)) {
				return texts
			}
		}
	}
	return nil
}

// maxVariants bounds how many variants of a statement are compiled.
const maxVariants = 1000

// subsets yields the sets of that size, in the order of names.
func subsets(names []string, size int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var grow func(chosen, rest []string) bool
		grow = func(chosen, rest []string) bool {
			if len(chosen) == size {
				return yield(chosen)
			}
			for i := range rest {
				if !grow(append(slices.Clip(chosen), rest[i]), rest[i+1:]) {
					return false
				}
			}
			return true
		}
		grow(nil, names)
	}
}

// requoted returns the statement with the names in double quotes as texts that are among
// these, and all others in backticks.
func requoted(text string, texts []string) string {
	var b strings.Builder
	for t := range sqltext.Tokens(text) {
		switch {
		case t.Kind != sqltext.Quoted || t.Text[0] != '"':
			b.WriteString(t.Text)
		case slices.Contains(texts, t.Text):
			b.WriteString(asText(t.Text))
		default:
			name := strings.ReplaceAll(t.Text[1:len(t.Text)-1], `""`, `"`)
			b.WriteString("`" + strings.ReplaceAll(name, "`", "``") + "`")
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
