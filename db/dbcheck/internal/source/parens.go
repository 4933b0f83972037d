package source

// nesting returns 1 for an opening parenthesis, -1 for a closing one, and 0 for other parts.
func (p Part) nesting() int {
	switch p.Text {
	case "(":
		return 1
	case ")":
		return -1
	}
	return 0
}

// Closing returns the index at which the parenthesis that opens at i closes.
func Closing(parts []Part, i int) int {
	for depth := 0; i < len(parts); i++ {
		if depth += parts[i].nesting(); depth == 0 {
			return i
		}
	}
	return len(parts) - 1
}

// Inside returns the parts in the parentheses that open at i. The statement may end before they close.
func Inside(parts []Part, i int) []Part { return parts[i+1 : max(i+1, Closing(parts, i))] }

// Matching returns the index at which the parenthesis that closes at i opens, or 0.
func Matching(parts []Part, i int) int {
	for depth := 0; i > 0; i-- {
		if depth += parts[i].nesting(); depth == 0 {
			return i
		}
	}
	return 0
}

// around returns the index at which the parentheses around i open, or -1.
func around(parts []Part, i int) int {
	for depth := 0; i > 0; {
		i--
		if depth += parts[i].nesting(); depth > 0 {
			return i
		}
	}
	return -1
}

// SplitList returns the parts between the commas outside of parentheses.
func SplitList(parts []Part) (lists [][]Part) {
	depth, start := 0, 0
	for i, p := range parts {
		if depth += p.nesting(); depth == 0 && p.Text == "," {
			lists = append(lists, parts[start:i])
			start = i + 1
		}
	}
	return append(lists, parts[start:])
}

// ListBefore returns the index at which the list of places around i opens, or -1.
func ListBefore(parts []Part, i int) int {
	for i--; i >= 0 && (parts[i].Text == "," || parts[i].IsPlace()); i-- {
	}
	if At(parts, i).Text != "(" {
		return -1
	}
	return i
}

// IsCall reports whether the name at i is a function that is called. It may also be a table's name:
// INSERT INTO log (...), WITH log (...) AS (...).
func IsCall(parts []Part, i int) bool {
	if parts[i].Kind != TokenPart || At(parts, i+1).Text != "(" ||
		At(parts, i-1).Is(".", "into", "table", "view", "references", "recursive", "update", "join", "as") {
		return false
	}
	end := Closing(parts, i+1)
	isTable := At(parts, end+1).Is("as") && At(parts, end+2).Is("(", "not", "materialized")
	return !isTable
}

// TellsNULL reports whether the IN of the slice at i stands where NULL has another effect than false:
// behind a NOT, or compared with a value, also in parentheses. A NOT outside of a SELECT around it is
// about rows, and not about NULL.
func TellsNULL(parts []Part, i int) bool {
	if i < 3 || !parts[i-2].Is("in") {
		return false
	}
	if parts[i-3].Is("not") || isCompared(parts, -1, Closing(parts, i-1)+1) {
		return true
	}
	for j := around(parts, i-2); j > 0; j = around(parts, j) {
		if parts[j+1].Is("select", "with") {
			return false
		}
		if parts[j-1].Is("not") || isCompared(parts, j-1, Closing(parts, j)+1) {
			return true
		}
	}
	return false
}

// IsGuarded reports whether the IN of the slice at i is one of the alternatives in parentheses, and another
// one is an argument alone: (@all OR x NOT IN (...)). The program then says when the slice is empty.
func IsGuarded(parts []Part, i int) bool {
	open := around(parts, i-1)
	if open < 0 {
		return false
	}
	for j := open; j < Closing(parts, open); j++ {
		if j != open && !parts[j].Is("or") {
			continue
		}
		operand, behind := j+1, j+2
		if parts[operand].Is("cast") {
			operand, behind = j+3, Closing(parts, j+2)+1
		}
		if parts[operand].Kind == ScalarPart && At(parts, behind).Is(")", "or") {
			return true
		}
	}
	return false
}

// isCompared reports whether the operand between two parts is compared: (...) = 0, (...) IS FALSE.
func isCompared(parts []Part, before, behind int) bool {
	compares := func(i int) bool { return At(parts, i).Compares() || At(parts, i).Is("is", "isnull", "notnull") }
	return compares(behind) || compares(before) && !ArrowBefore(parts, before+1)
}
