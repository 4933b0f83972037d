package source

import "strings"

// ComparedWith returns the column that the place at i is compared with, or "". It
// reports whether both are in row values. sqlc gives all arguments of a row value the type of its
// first column.
func ComparedWith(parts []Part, i int) (name string, row bool) {
	if j := BeforeOperator(parts, i); j >= 0 {
		start := j
		for start > 1 && parts[start-1].Text == "." {
			start -= 2
		}
		if continues(parts, start-1) {
			return "", false // it is the end of an expression
		}
		return ColumnName(parts, j), false
	}
	open := i
	for open > 0 && parts[open].Text != "(" {
		if parts[open].Text == ")" {
			return "", false
		}
		open--
	}
	j := BeforeOperator(parts, open)
	if j < 0 || parts[j].Text != ")" {
		return "", false
	}
	names := SplitList(parts[Matching(parts, j)+1 : j])
	n := strings.Count(Join(parts[open:i]), ",")
	if n >= len(names) || len(names) < 2 {
		return "", false
	}
	return ColumnName(names[n], len(names[n])-1), true
}

// BeforeOperator returns the index before the comparison operator that ends before i, or -1.
func BeforeOperator(parts []Part, i int) int {
	j := i - 1
	for j >= 0 && parts[j].Compares() {
		j--
	}
	if j == i-1 {
		return -1
	}
	return j
}

// BehindOperator returns the index behind the comparison operator that begins at i, or i if there is none.
func BehindOperator(parts []Part, i int) int {
	for At(parts, i).Compares() {
		i++
	}
	return i
}

// Compares reports whether the part is a comparison operator, or a part of one.
func (p Part) Compares() bool { return p.Text != "" && strings.Contains("=<>!", p.Text) }

// ColumnName returns the name that ends at i, or "" if another token does.
func ColumnName(parts []Part, i int) string {
	if p := At(parts, i); p.Kind == TokenPart && !strings.ContainsAny(p.Text, ")'?") {
		return p.Unquoted()
	}
	return ""
}

// ListedColumn returns the column that the constant at i is compared with by [NOT] IN ('a', 'b'), or "".
func ListedColumn(parts []Part, i int) string {
	open := i - 1
	for open > 0 && (parts[open].Text == "," || len(ValuesOf(parts[open].Text)) > 0) {
		open--
	}
	if open < 2 || parts[open].Text != "(" || !parts[open-1].Is("in") {
		return ""
	}
	j := SkipNot(parts, open-2)
	if continues(parts, j-1) {
		return ""
	}
	return ColumnName(parts, j)
}

// continues reports whether an operand is the end of a larger expression, since an operator ends at i.
func continues(parts []Part, i int) bool {
	return IsArithmetic(parts, i) || strings.ContainsAny(At(parts, i).Text, "|&>~")
}

// SkipNot returns the index before i if there is a NOT at i, and otherwise i.
func SkipNot(parts []Part, i int) int {
	if i > 0 && parts[i].Is("not") {
		return i - 1
	}
	return i
}

// negated reports whether the operand that the parts end with has a NOT before it.
func negated(parts []Part) bool {
	i := len(parts) - 1
	if i < 0 || parts[i].Is("not") {
		return false // x NOT IN
	}
	if parts[i].Text == ")" {
		i = Matching(parts, i)
	}
	for i > 1 && parts[i-1].Text == "." {
		i -= 2
	}
	return At(parts, i-1).Is("not")
}

// IsArithmetic reports whether the part at i is an operator such as + or *.
func IsArithmetic(parts []Part, i int) bool {
	isArrow := At(parts, i).Text == "-" && At(parts, i+1).Text == ">"
	return At(parts, i).Is("+", "-", "*", "/", "%") && !isArrow
}

// IsPattern reports whether the place at i is a pattern for the text before it.
func IsPattern(parts []Part, i int) bool { return At(parts, i-1).Is("like", "glob") }

// IsBehindEscape reports whether a LIKE ... ESCAPE comes before the place at i, in the same parentheses.
func IsBehindEscape(parts []Part, i int) bool {
	for i--; i >= 0 && parts[i].Text != "("; i-- {
		if parts[i].Text == ")" {
			i = Matching(parts, i)
		}
		if parts[i].Is("escape") {
			return true
		}
	}
	return false
}

// StartsOperand reports whether an operand begins at i.
func StartsOperand(parts []Part, i int) bool {
	return At(parts, i-1).Is("where", "and", "or", "when", "on", "(")
}

// EndsOperand reports whether the operand before i ends there.
func EndsOperand(parts []Part, i int) bool {
	return i >= len(parts) || parts[i].Is(")", ",", "and", "as", "else", "end", "except", "from", "group", "having", "intersect", "limit", "or", "order", "returning", "then", "union", "when", "window")
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
	digits := func(i int) bool { return DigitsOf(At(parts, i).Text) != "" }
	point := func(i int) bool { return At(parts, i).Text == "." }
	return digits(i) && (point(i+1) || point(i-1)) || point(i) && (digits(i-1) || digits(i+1))
}
