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
	highest := 0
	for text := s.Text; text != ""; {
		kind, length := nextToken(text)
		token := text[:length]
		text = text[length:]
		if kind != parameter {
			b.WriteString(token)
			continue
		}
		index := s.IndexOf(token, highest)
		highest = max(highest, index)
		b.WriteString("?" + strconv.Itoa(index))
	}
	return b.String()
}

// IndexOf returns SQLite's index of a parameter of the statement. highest is the highest index of
// the parameters before it, or 0: a plain ? gets the next number.
// https://sqlite.org/lang_expr.html#varparam
func (s *Statement) IndexOf(parameter string, highest int) int {
	switch {
	case parameter == "?":
		return highest + 1
	case parameter[0] == '?':
		return number(parameter[1:])
	default:
		return slices.Index(s.Params, parameter) + 1
	}
}
