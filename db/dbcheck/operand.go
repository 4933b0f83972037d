package dbcheck

import (
	"slices"
	"strings"
)

// isArithmetic reports whether the part at i adds, or the like.
func isArithmetic(parts []part, i int) bool {
	if i < 0 || i >= len(parts) {
		return false
	}
	arrow := parts[i].text == "-" && i+1 < len(parts) && parts[i+1].text == ">"
	return slices.Contains([]string{"+", "-", "*", "/", "%"}, parts[i].text) && !arrow
}

// isPattern reports whether the place at i is a pattern for the text before it.
func isPattern(parts []part, i int) bool {
	return i > 0 && slices.Contains([]string{"like", "glob"}, strings.ToLower(parts[i-1].text))
}

// closing returns where the parenthesis closes that opens at i.
func closing(parts []part, i int) int {
	depth := 0
	for ; i < len(parts); i++ {
		switch parts[i].text {
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

// startsOperand reports whether nothing before the place at i belongs to it.
func startsOperand(parts []part, i int) bool {
	return i > 0 && slices.Contains([]string{"where", "and", "or", "when", "on", "("}, strings.ToLower(parts[i-1].text))
}

// endsOperand reports whether nothing at i belongs to what is before it.
func endsOperand(parts []part, i int) bool {
	return i >= len(parts) || slices.Contains([]string{")", ",", "and", "as", "else", "end", "except", "from", "group", "having", "intersect", "limit", "or", "order", "returning", "then", "union", "when", "window"}, strings.ToLower(parts[i].text))
}
