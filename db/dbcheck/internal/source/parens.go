package source

import (
	"slices"
	"strings"
)

// Matching returns the index at which the parenthesis that closes at i opens, or 0.
func Matching(parts []Part, i int) int {
	depth := 0
	for ; i > 0; i-- {
		switch parts[i].Text {
		case ")":
			depth++
		case "(":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

// negated reports whether the operand that the parts end with has a NOT before it.
func negated(parts []Part) bool {
	i := len(parts) - 1
	if i < 0 || strings.EqualFold(parts[i].Text, "not") {
		return false // x NOT IN
	}
	if parts[i].Text == ")" {
		i = Matching(parts, i)
	}
	for i > 1 && parts[i-1].Text == "." {
		i -= 2
	}
	return i > 0 && strings.EqualFold(parts[i-1].Text, "not")
}

// ListBefore returns the index at which the list of places around i opens, or -1.
func ListBefore(parts []Part, i int) int {
	for i--; i >= 0 && (parts[i].Text == "," || parts[i].IsPlace()); i-- {
	}
	if i < 0 || parts[i].Text != "(" {
		return -1
	}
	return i
}

// IsCall reports whether the name at i is a function that is called. It may also be a table's name:
// INSERT INTO log (...), WITH log (...) AS (...).
func IsCall(parts []Part, i int) bool {
	if parts[i].Kind != TokenPart || i+1 >= len(parts) || parts[i+1].Text != "(" {
		return false
	}
	if i > 0 {
		switch strings.ToLower(parts[i-1].Text) {
		case ".", "into", "table", "view", "references", "recursive", "update", "join", "as":
			return false
		}
	}
	end := Closing(parts, i+1)
	cte := end+2 < len(parts) && strings.EqualFold(parts[end+1].Text, "as") &&
		slices.Contains([]string{"(", "not", "materialized"}, strings.ToLower(parts[end+2].Text))
	return !cte
}

// HasComma reports whether a function has several arguments.
func HasComma(args []Part) bool {
	depth := 0
	for _, p := range args {
		switch p.Text {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// TellsNULL reports whether the IN of the slice at i stands where NULL has another effect than false:
// behind a NOT, or compared with a value, also in parentheses. A NOT outside of a SELECT around it is
// about rows, and not about NULL.
func TellsNULL(parts []Part, i int) bool {
	if i < 3 || !strings.EqualFold(parts[i-2].Text, "in") {
		return false
	}
	if strings.EqualFold(parts[i-3].Text, "not") || isCompared(parts, -1, Closing(parts, i-1)+1) {
		return true
	}
	depth := 0
	for j := i - 3; j > 0; j-- {
		switch parts[j].Text {
		case ")":
			depth++
		case "(":
			if depth--; depth >= 0 {
				continue
			}
			depth = 0
			if strings.EqualFold(parts[j+1].Text, "select") || strings.EqualFold(parts[j+1].Text, "with") {
				return false
			}
			if strings.EqualFold(parts[j-1].Text, "not") || isCompared(parts, j-1, Closing(parts, j)+1) {
				return true
			}
		}
	}
	return false
}

// IsGuarded reports whether the IN of the slice at i is one of the alternatives in parentheses, and another
// one is an argument alone: (@all OR x NOT IN (...)). The program then says when the slice is empty.
func IsGuarded(parts []Part, i int) bool {
	open := i - 2
	for depth := 0; open >= 0; open-- {
		switch parts[open].Text {
		case ")":
			depth++
		case "(":
			depth--
		}
		if depth < 0 {
			break
		}
	}
	if open < 0 {
		return false
	}
	for j := open; j < Closing(parts, open); j++ {
		if j != open && !strings.EqualFold(parts[j].Text, "or") {
			continue
		}
		operand, behind := j+1, j+2
		if strings.EqualFold(parts[operand].Text, "cast") {
			operand, behind = j+3, Closing(parts, j+2)+1
		}
		if behind < len(parts) && parts[operand].Kind == ScalarPart && (parts[behind].Text == ")" || strings.EqualFold(parts[behind].Text, "or")) {
			return true
		}
	}
	return false
}

// isCompared reports whether the operand between two parts is compared: (...) = 0, (...) IS FALSE.
func isCompared(parts []Part, before, behind int) bool {
	compares := func(i int) bool {
		return i >= 0 && i < len(parts) && (strings.Contains("=<>!", parts[i].Text) || slices.Contains([]string{"is", "isnull", "notnull"}, strings.ToLower(parts[i].Text)))
	}
	return compares(behind) || compares(before) && !ArrowBefore(parts, before+1)
}

// ArrowBefore reports whether the part at i is the right side of -> or ->>.
func ArrowBefore(parts []Part, i int) bool {
	return i > 1 && Join(parts[i-2:i]) == "->" || i > 2 && Join(parts[i-3:i]) == "->>"
}

// DigitsOf returns the digits that a number or a text is, or "".
func DigitsOf(text string) string {
	digits := strings.Trim(text, "'")
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

// IsReal reports whether the part at i belongs to a number with a point. The digits on each side of
// the point are parts too.
func IsReal(parts []Part, i int) bool {
	digits := func(i int) bool { return i >= 0 && i < len(parts) && DigitsOf(parts[i].Text) != "" }
	point := func(i int) bool { return i >= 0 && i < len(parts) && parts[i].Text == "." }
	return digits(i) && (point(i+1) || point(i-1)) || point(i) && (digits(i-1) || digits(i+1))
}
