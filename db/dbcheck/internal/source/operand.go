package source

import (
	"slices"
	"strings"
)

// IsArithmetic reports whether the part at i adds, or the like.
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

// Closing returns where the parenthesis closes that opens at i.
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

// StartsOperand reports whether nothing before the place at i belongs to it.
func StartsOperand(parts []Part, i int) bool {
	return i > 0 && slices.Contains([]string{"where", "and", "or", "when", "on", "("}, strings.ToLower(parts[i-1].Text))
}

// EndsOperand reports whether nothing at i belongs to what is before it.
func EndsOperand(parts []Part, i int) bool {
	return i >= len(parts) || slices.Contains([]string{")", ",", "and", "as", "else", "end", "except", "from", "group", "having", "intersect", "limit", "or", "order", "returning", "then", "union", "when", "window"}, strings.ToLower(parts[i].Text))
}
