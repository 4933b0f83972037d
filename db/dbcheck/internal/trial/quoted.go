package trial

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// quotedTexts returns the names in double quotes that name nothing in a statement. With
// [db.WithDoubleQuotedStrings] SQLite takes such a name for a text, so that a
// misspelt column has the same value in all rows. Without it the name is an error.
//
// compiles reports whether a variant of the statement compiles with that option. A name in
// `backticks` is never taken for a text.
func quotedTexts(text string, compiles func(variant string) bool) (texts []string) {
	var quoted []string
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Quoted && t.Text[0] == '"' && !slices.Contains(quoted, t.Text) {
			quoted = append(quoted, t.Text)
		}
	}
	if len(quoted) == 0 || compiles(inBackticks(text, quoted)) || !compiles(text) {
		return nil // nearly always, or it is wrong otherwise
	}
	for _, name := range quoted {
		if !compiles(inBackticks(text, []string{name})) {
			texts = append(texts, name)
		}
	}
	return texts
}

// inBackticks returns the statement with these names, which have double quotes, in backticks.
func inBackticks(text string, names []string) string {
	var b strings.Builder
	for t := range sqltext.Tokens(text) {
		if t.Kind != sqltext.Quoted || !slices.Contains(names, t.Text) {
			b.WriteString(t.Text)
			continue
		}
		b.WriteString("`" + strings.ReplaceAll(sqltext.Unquote(t.Text), "`", "``") + "`")
	}
	return b.String()
}

// QuotedTexts returns the names in double quotes that name nothing in a statement.
func (d *Databases) QuotedTexts(text string) []string {
	return quotedTexts(text, func(variant string) bool { return d.Compile(variant) == nil })
}
