package source

import (
	"slices"
	"strings"
	"unicode"
)

// Plain returns a name without the parts that sqlc changes: in lower case, letters and digits only.
func Plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// Snake returns a Go name in the form of a query: PageSize is page_size.
func Snake(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if lower && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// IsName reports whether a part is a name, and no keyword before an expression.
func IsName(p Part) bool {
	return p.Kind == TokenPart && strings.Trim(strings.ToLower(p.Text), "abcdefghijklmnopqrstuvwxyz0123456789_") == "" &&
		!slices.Contains([]string{"and", "or", "not", "in", "when", "then", "else", "select", "where", "by", "on", "between", "values", "is", "like"}, strings.ToLower(p.Text))
}
