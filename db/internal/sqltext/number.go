package sqltext

import (
	"slices"
	"strconv"
	"strings"
)

// Numbered returns the statement's text with a number for each parameter: ?1 for a plain ? or
// a name with index 1. It is for engines that bind arguments either by position or by name,
// but not both.
func (s *Statement) Numbered() string {
	var b strings.Builder
	highest := 0 // a plain ? gets the next number: https://sqlite.org/lang_expr.html#varparam
	for text := s.Text; text != ""; {
		kind, length := nextToken(text)
		token := text[:length]
		text = text[length:]
		if kind != parameter {
			b.WriteString(token)
			continue
		}
		index := highest + 1
		switch {
		case token == "?":
		case token[0] == '?':
			index = number(token[1:])
		default:
			index = slices.Index(s.Params, token) + 1
		}
		highest = max(highest, index)
		b.WriteString("?" + strconv.Itoa(index))
	}
	return b.String()
}
