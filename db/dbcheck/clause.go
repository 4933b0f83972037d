package dbcheck

import "strings"

// A clause is a place in a statement where sqlc loses parameters, or a place like any
// other.
type clause int

const (
	otherClause clause = iota
	orderByClause
	havingClause
	filterClause
	conflictClause // behind ON CONFLICT … DO UPDATE
	rowSetClause   // SET (a, b) = (…)
	notInClause    // NOT x IN (…)
	unaryMinus
)

// String returns the clause as a message has it: "in HAVING".
func (c clause) String() string {
	return [...]string{
		"there", "in ORDER BY", "in HAVING", "in FILTER", "behind ON CONFLICT ... DO UPDATE",
		"in SET (...) = (...)", "in NOT ... IN (...)", "behind a minus sign",
	}[c]
}

// instead returns how to write what sqlc loses parameters of.
func (c clause) instead() string {
	return [...]string{
		"the parameter in WHERE or in the SELECT list, there as CAST(sqlc.arg(name) AS type)",
		"SELECT the expression as a column, and ORDER BY the column's name",
		"SELECT * FROM (SELECT ..., count(*) AS n ... GROUP BY ...) AS grouped WHERE n > CAST(sqlc.arg(name) AS INTEGER)",
		"sum(CASE WHEN column = sqlc.arg(name) THEN 1 ELSE 0 END) instead of count(*) FILTER (...)",
		"excluded.column, which is the value that VALUES has for the column",
		"SET a = sqlc.arg(a), b = sqlc.arg(b)",
		"x NOT IN (...)",
		"0 - sqlc.arg(name)",
	}[c]
}

// A frame is what is between two parentheses.
type frame struct {
	clause clause // that its last keyword began
	opened clause // that it stands in as a whole
}

// clauses returns the clause of each part.
func clauses(parts []part) []clause {
	found := make([]clause, len(parts))
	stack := []frame{{}}
	for i, p := range parts {
		top := &stack[len(stack)-1]
		switch word := strings.ToLower(p.text); {
		case p.kind != tokenPart:
			found[i] = clauseAt(parts, i, stack)
		case word == "(":
			stack = append(stack, frame{opened: opens(parts, i)})
		case word == ")" && len(stack) > 1:
			stack = stack[:len(stack)-1]
		default:
			top.clause = next(top.clause, word, parts, i)
		}
	}
	return found
}

func clauseAt(parts []part, i int, stack []frame) clause {
	if i > 1 && parts[i-1].text == "-" && !isOperand(parts[i-2]) {
		return unaryMinus
	}
	for k := len(stack) - 1; k >= 0; k-- {
		if c := stack[k].clause; c != otherClause {
			return c
		}
		if c := stack[k].opened; c != otherClause {
			return c
		}
	}
	return otherClause
}

// isOperand reports whether a minus behind the part is a difference.
func isOperand(p part) bool {
	if p.kind != tokenPart || p.text == ")" {
		return true
	}
	switch strings.ToLower(p.text) {
	case "and", "or", "not", "where", "when", "then", "else", "case", "select", "between", "in", "is", "like", "limit", "offset", "set", "on", "having", "by", "values", "return", "returning":
		return false
	}
	c := p.text[0]
	return c == '_' || c == '"' || c == '`' || c == '\'' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// next returns the clause behind a word that begins one.
func next(c clause, word string, parts []part, i int) clause {
	switch word {
	case "having":
		return havingClause
	case "by":
		if i > 0 && strings.EqualFold(parts[i-1].text, "order") {
			return orderByClause
		}
		return otherClause
	case "update":
		if i > 0 && strings.EqualFold(parts[i-1].text, "do") {
			return conflictClause
		}
	case "select", "from", "group", "limit", "window", "returning", "union", "except", "intersect", "values":
		return otherClause
	case "where":
		if c != conflictClause {
			return otherClause
		}
	}
	return c
}

// opens returns the clause that the parenthesis at i opens as a whole.
func opens(parts []part, i int) clause {
	if i == 0 {
		return otherClause
	}
	switch before := strings.ToLower(parts[i-1].text); {
	case before == "filter":
		return filterClause
	case before == "in" && negated(parts[:i-1]):
		return notInClause
	case before == "=" && i > 1 && parts[i-2].text == ")":
		open := matching(parts, i-2)
		if open > 0 && (strings.EqualFold(parts[open-1].text, "set") || parts[open-1].text == ",") {
			return rowSetClause
		}
	}
	return otherClause
}

// negated reports whether the operand that the parts end with has a NOT before it.
func negated(parts []part) bool {
	i := len(parts) - 1
	if i < 0 || strings.EqualFold(parts[i].text, "not") {
		return false // x NOT IN
	}
	if parts[i].text == ")" {
		i = matching(parts, i)
	}
	for i > 1 && parts[i-1].text == "." {
		i -= 2
	}
	return i > 0 && strings.EqualFold(parts[i-1].text, "not")
}

// matching returns where the parenthesis opens that closes at i, or 0.
func matching(parts []part, i int) int {
	depth := 0
	for ; i > 0; i-- {
		switch parts[i].text {
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
