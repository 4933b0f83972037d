package source

import (
	"cmp"
	"slices"
	"strings"
)

// A Clause is a part of a statement in which sqlc loses parameters, or OtherClause.
type Clause int

const (
	OtherClause Clause = iota
	OrderByClause
	havingClause // of a SELECT without WHERE; beside one it is no such place
	groupClause  // GROUP BY of a SELECT with WHERE
	partitionClause
	frameClause // ROWS BETWEEN ... PRECEDING
	filterClause
	conflictClause // behind ON CONFLICT ... DO UPDATE
	rowSetClause   // SET (a, b) = (...)
	NotClause      // NOT x IN (...), NOT x BETWEEN ... AND ...
	escapeClause
	limitClause // LIMIT a, b
	UnaryMinus
)

// clauseTexts has two texts for each clause: its name in a message, and SQL to write instead, in which
// sqlc loses nothing.
var clauseTexts = map[Clause][2]string{
	OtherClause:     {"", "another form of the expression, or CAST(sqlc.arg(NAME) AS type) in the SELECT list of a sub-select"},
	OrderByClause:   {" in ORDER BY", "SELECT the expression as a column, and ORDER BY the column's name"},
	havingClause:    {" in HAVING", "SELECT * FROM (SELECT ..., count(*) AS n ... GROUP BY ...) AS grouped WHERE n > CAST(sqlc.arg(NAME) AS INTEGER)"},
	groupClause:     {" in GROUP BY", "SELECT the expression as a column, and GROUP BY the column's name"},
	partitionClause: {" in PARTITION BY", "the expression as a column of a SELECT in FROM, and PARTITION BY the column"},
	frameClause:     {" in ROWS, RANGE or GROUPS", "the number itself: ROWS BETWEEN 3 PRECEDING AND CURRENT ROW"},
	filterClause:    {" in FILTER", "sum(CASE WHEN column = sqlc.arg(NAME) THEN 1 ELSE 0 END) instead of count(*) FILTER (...)"},
	conflictClause:  {" after ON CONFLICT ... DO UPDATE", "excluded.column, which is the value that VALUES has for the column"},
	rowSetClause:    {" in SET (...) = (...)", "SET a = sqlc.arg(a), b = sqlc.arg(b)"},
	NotClause:       {" after NOT", "x NOT IN (...) for NOT x IN (...), and x < a OR x > b for NOT x BETWEEN a AND b"},
	escapeClause:    {" after ESCAPE", "the character itself: ESCAPE '!'"},
	limitClause:     {" in LIMIT ..., ...", "LIMIT sqlc.arg(page_size) OFFSET sqlc.arg(skip)"},
	UnaryMinus:      {" after a minus sign", "0 - sqlc.arg(NAME)"},
}

// String returns the clause for a message, after "is lost".
func (c Clause) String() string { return clauseTexts[c][0] }

// InsteadFor returns SQL to write instead of an expression in which sqlc loses the parameter.
func (c Clause) InsteadFor(p Part) string {
	return strings.ReplaceAll(clauseTexts[c][1], "NAME", p.NameOr("name"))
}

// A frame is the text between two parentheses.
type frame struct {
	clause Clause // that its last keyword began
	opened Clause // that it stands in as a whole
	where  bool   // it has a WHERE
	limit  bool   // its last keyword is LIMIT
	window bool   // it belongs to WINDOW name AS (...), where nothing is lost
}

// Clauses returns the clause of each part.
func Clauses(parts []Part) []Clause {
	found := make([]Clause, len(parts))
	stack := []frame{{}}
	for i, p := range parts {
		top := &stack[len(stack)-1]
		switch word := strings.ToLower(p.Text); {
		case p.Kind != TokenPart:
			found[i] = clauseAt(parts, i, stack)
		case word == "(":
			stack = append(stack, frame{opened: opens(parts, i), window: isWindow(parts, i)})
		case word == ")" && len(stack) > 1:
			stack = stack[:len(stack)-1]
		default:
			top.next(word, parts, i)
		}
	}
	return found
}

func clauseAt(parts []Part, i int, stack []frame) Clause {
	switch {
	case isNegative(parts, i):
		return UnaryMinus
	case At(parts, i-1).Is("escape"):
		return escapeClause
	case notBetween(parts, i):
		return NotClause
	}
	for k := len(stack) - 1; k >= 0; k-- {
		if stack[k].window && stack[k].clause != frameClause {
			return OtherClause
		}
		if c := cmp.Or(stack[k].clause, stack[k].opened); c != OtherClause {
			return c
		}
	}
	return OtherClause
}

// isNegative reports whether a minus sign, or a ~, is before the place, and no operand
// before that.
func isNegative(parts []Part, i int) bool {
	for i--; i > 0 && parts[i].Text == "("; i-- {
	}
	return i >= 0 && (parts[i].Text == "~" || parts[i].Text == "-" && (i == 0 || !isOperand(parts[i-1])))
}

// notBetween reports whether the place is in a NOT x BETWEEN place AND place.
func notBetween(parts []Part, i int) bool {
	j := i - 1
	if At(parts, j).Is("and") {
		j = i - 3
	}
	return At(parts, j).Is("between") && negated(parts[:j])
}

// IsFrame reports whether the word at i begins the frame of a window, and is no name.
func IsFrame(parts []Part, i int) bool {
	return At(parts, i).Is("rows", "range", "groups") && i+2 < len(parts) &&
		(parts[i+1].Is("between") || parts[i+2].Is("preceding", "following", "row"))
}

func isWindow(parts []Part, i int) bool {
	if i < 3 || !parts[i-1].Is("as") {
		return false
	}
	for _, p := range slices.Backward(parts[:i-2]) {
		if p.Is("window", "from") {
			return p.Is("window")
		}
	}
	return false
}

// isOperand reports whether a minus after the part is a subtraction.
func isOperand(p Part) bool {
	if p.Kind != TokenPart || p.Text == ")" {
		return true
	}
	if p.Is("and", "or", "not", "where", "when", "then", "else", "case", "select", "between", "in", "is", "like", "limit", "offset", "set", "on", "having", "by", "values", "return", "returning") {
		return false
	}
	c := p.Text[0]
	return c == '_' || c == '"' || c == '`' || c == '\'' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// next takes a word that may begin a clause.
func (f *frame) next(word string, parts []Part, i int) {
	before := At(parts, i-1)
	switch word {
	case "having":
		f.clause = OtherClause
		if !f.where {
			f.clause = havingClause
		}
	case "by":
		f.clause = OtherClause
		switch {
		case before.Is("order"):
			f.clause = OrderByClause
		case before.Is("partition"):
			f.clause = partitionClause
		case before.Is("group") && f.where:
			f.clause = groupClause
		}
	case "update":
		if before.Is("do") {
			f.clause = conflictClause
		}
	case "select", "union", "except", "intersect":
		*f = frame{opened: f.opened, window: f.window}
	case "limit":
		f.clause, f.limit = OtherClause, true
	case "rows", "range", "groups":
		if IsFrame(parts, i) {
			f.clause = frameClause
		}
	case "from", "window", "returning", "values":
		f.clause = OtherClause
	case "where":
		if f.clause != conflictClause {
			f.clause, f.where = OtherClause, true
		}
	case ",":
		if f.limit {
			f.clause = limitClause
		}
	}
}

// opens returns the clause that the parenthesis at i opens as a whole.
func opens(parts []Part, i int) Clause {
	switch before := At(parts, i-1); {
	case before.Is("filter"):
		return filterClause
	case before.Is("in") && negated(parts[:i-1]):
		return NotClause
	case before.Text == "=" && At(parts, i-2).Text == ")" && At(parts, Matching(parts, i-2)-1).Is("set", ","):
		return rowSetClause
	}
	return OtherClause
}
