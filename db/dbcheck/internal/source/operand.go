package source

import (
	"slices"
	"strings"
)

// IsArithmetic reports whether the part at i is an operator such as + or *.
func IsArithmetic(parts []Part, i int) bool {
	if i < 0 || i >= len(parts) {
		return false
	}
	arrow := parts[i].Text == "-" && i+1 < len(parts) && parts[i+1].Text == ">"
	return slices.Contains([]string{"+", "-", "*", "/", "%"}, parts[i].Text) && !arrow
}

// IsPattern reports whether the place at i is a pattern for the text before it.
func IsPattern(parts []Part, i int) bool {
	return i > 0 && slices.Contains([]string{"like", "glob"}, strings.ToLower(parts[i-1].Text))
}

// IsBehindEscape reports whether a LIKE ... ESCAPE comes before the place at i, in the same parentheses.
func IsBehindEscape(parts []Part, i int) bool {
	for i--; i >= 0 && parts[i].Text != "("; i-- {
		if parts[i].Text == ")" {
			i = Matching(parts, i)
		}
		if strings.EqualFold(parts[i].Text, "escape") {
			return true
		}
	}
	return false
}

// Closing returns the index at which the parenthesis that opens at i closes.
func Closing(parts []Part, i int) int {
	depth := 0
	for ; i < len(parts); i++ {
		switch parts[i].Text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(parts) - 1
}

// StartsOperand reports whether an operand begins at i.
func StartsOperand(parts []Part, i int) bool {
	return i > 0 && slices.Contains([]string{"where", "and", "or", "when", "on", "("}, strings.ToLower(parts[i-1].Text))
}

// EndsOperand reports whether the operand before i ends there.
func EndsOperand(parts []Part, i int) bool {
	return i >= len(parts) || slices.Contains([]string{")", ",", "and", "as", "else", "end", "except", "from", "group", "having", "intersect", "limit", "or", "order", "returning", "then", "union", "when", "window"}, strings.ToLower(parts[i].Text))
}
