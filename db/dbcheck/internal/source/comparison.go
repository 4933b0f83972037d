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
		if start > 0 && (IsArithmetic(parts, start-1) || strings.ContainsAny(parts[start-1].Text, "|&>~")) {
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
	names := splitRow(parts[Matching(parts, j)+1 : j])
	n := strings.Count(Join(parts[open:i]), ",")
	if n >= len(names) || len(names) < 2 {
		return "", false
	}
	return ColumnName(names[n], len(names[n])-1), true
}

// BeforeOperator returns the index before the comparison operator that ends before i, or -1.
func BeforeOperator(parts []Part, i int) int {
	j := i - 1
	for j >= 0 && strings.Contains("=<>!", parts[j].Text) {
		j--
	}
	if j == i-1 {
		return -1
	}
	return j
}

func splitRow(parts []Part) [][]Part {
	var out [][]Part
	start := 0
	for i, p := range parts {
		if p.Text == "," {
			out = append(out, parts[start:i])
			start = i + 1
		}
	}
	return append(out, parts[start:])
}

// Join returns the text of parts, without the white space between them.
func Join(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

// ColumnName returns the name that ends at i, or "" if another token does.
func ColumnName(parts []Part, i int) string {
	if i < 0 || parts[i].Kind != TokenPart || strings.ContainsAny(parts[i].Text, ")'?") {
		return ""
	}
	return Unquote(parts[i].Text)
}

// SkipNot returns the index before i if there is a NOT at i, and otherwise i.
func SkipNot(parts []Part, i int) int {
	if i > 0 && strings.EqualFold(parts[i].Text, "not") {
		return i - 1
	}
	return i
}
