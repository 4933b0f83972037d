package sqltext

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Numbered returns the statement's text with a number for each parameter: ?1 for a plain ? or
// a name with index 1. It is for engines that bind arguments either by position or by name,
// but not both.
func (s *Statement) Numbered() string {
	var b strings.Builder
	at := 0
	for t, index := range s.Parameters() {
		b.WriteString(s.Text[at:t.Offset] + "?" + strconv.Itoa(index))
		at = t.Offset + len(t.Text)
	}
	b.WriteString(s.Text[at:])
	return b.String()
}

// Parameters returns the parameters in the text, each with SQLite's index for it. A plain ? gets the next number
// after the highest one before it. https://sqlite.org/lang_expr.html#varparam
func (s *Statement) Parameters() iter.Seq2[Token, int] {
	return func(yield func(Token, int) bool) {
		highest := 0
		for t := range Tokens(s.Text) {
			if t.Kind != Parameter {
				continue
			}
			index := highest + 1
			switch {
			case t.Text == "?":
			case t.Text[0] == '?':
				index = number(t.Text[1:])
			default:
				index = slices.Index(s.Params, t.Text) + 1
			}
			highest = max(highest, index)
			if !yield(t, index) {
				return
			}
		}
	}
}
