package decide

import (
	"slices"

	"github.com/duolite/duolite/internal/sqltext"
)

// A parser finds the conditions of a statement.
type parser struct {
	text      string
	tokens    []token
	constants []*constant // that depend on arguments
	depth     int         // of terms: parentheses, NOT and CASE
	failed    bool        // the text isn't understood
}

// A clause is a part of a query, from its keyword to the next one.
type clause struct {
	word     string
	from, to int // tokens after the keyword
}

// query finds the edits in a query or a DML statement, which is tokens i to j.
func (p *parser) query(i, j int) []edit {
	clauses := p.clauses(i, j)
	core := core{compound: slices.ContainsFunc(clauses, func(c clause) bool { return compoundWords[c.word] })}
	var edits []edit
	for _, c := range clauses {
		switch c.word {
		case "with":
			edits = append(edits, p.commonTables(c.from, c.to)...)
		case "select":
			core.selects, core.list = true, c
		case "values", "update", "delete":
			core.selects = false
		case "from":
			core.merges = p.hasWord(c.from, c.to, "using") || p.hasWord(c.from, c.to, "natural")
			edits = append(edits, p.tables(c.from, c.to)...)
		case "where":
			edits = append(edits, &whereEdit{
				start: p.tokens[c.from-1].Offset, condition: p.condition(c.from, c.to), optional: core.selects,
			})
		case "order":
			if order := p.order(c, &core); order != nil {
				edits = append(edits, order)
			}
		}
		if p.failed {
			return nil
		}
	}
	return edits
}

// A core is a SELECT, as far as its clauses have been read.
type core struct {
	compound bool // it is a part of a compound
	selects  bool // it is a SELECT, and not VALUES, UPDATE or DELETE
	merges   bool // it has a join with USING or NATURAL
	list     clause
}

// clauses returns the clauses of a query.
func (p *parser) clauses(i, j int) []clause {
	var clauses []clause
	for k := i; k < j; k = p.after(k) {
		if !p.beginsClause(k, i) {
			continue
		}
		if n := len(clauses); n > 0 {
			clauses[n-1].to = k
		}
		clauses = append(clauses, clause{p.tokens[k].word, k + 1, j})
	}
	return clauses
}

// after returns the index after the token, or the parentheses, at k.
func (p *parser) after(k int) int {
	if p.tokens[k].word == "(" {
		return p.tokens[k].match + 1
	}
	return k + 1
}

var (
	compoundWords = set("union except intersect")
	queryWords    = set("select with values")
	clauseWords   = set("select from where group having order limit union except intersect values set returning update delete")
)

// beginsClause reports whether the token at k is the keyword of a clause of the query that begins at i.
func (p *parser) beginsClause(k, i int) bool {
	word := p.tokens[k].word
	switch {
	case word == "with":
		return k == i
	case word == "window": // also a name
		return k+2 < len(p.tokens) && p.tokens[k+1].isName() && p.tokens[k+2].word == "as"
	case word == "from":
		return p.wordBefore(k, i) != "distinct" // a IS DISTINCT FROM b
	}
	return clauseWords[word]
}

func (p *parser) wordBefore(k, i int) string {
	if k <= i {
		return ""
	}
	return p.tokens[k-1].word
}

// isQuery reports whether a query begins at the token.
func (p *parser) isQuery(k int) bool { return queryWords[p.tokens[k].word] }

// commonTables finds the edits in the queries of WITH.
func (p *parser) commonTables(i, j int) (edits []edit) {
	for k := i; k < j; k = p.after(k) {
		if p.tokens[k].word == "(" && p.isQuery(k+1) {
			edits = append(edits, p.query(k+1, p.tokens[k].match)...)
		}
	}
	return edits
}

// tables finds the edits in FROM: in subqueries and in ON.
func (p *parser) tables(i, j int) (edits []edit) {
	for k := i; k < j; {
		next := p.after(k)
		switch p.tokens[k].word {
		case "(":
			switch {
			case p.isQuery(k + 1):
				edits = append(edits, p.query(k+1, next-1)...)
			case k > i && (p.tokens[k-1].isName() || p.tokens[k-1].word == "using"):
				// the arguments of a table-valued function, or names
			default:
				edits = append(edits, p.tables(k+1, next-1)...)
			}
		case "on":
			next = p.endOfOn(k+1, j)
			edits = append(edits, &onEdit{p.condition(k+1, next)})
		}
		if p.failed {
			return nil
		}
		k = next
	}
	return edits
}

var joinWords = set("left right full inner cross natural outer")

// endOfOn returns the end of the condition of ON, which begins at k.
func (p *parser) endOfOn(i, j int) int {
	for k := i; k < j; k = p.after(k) {
		switch word := p.tokens[k].word; {
		case word == ",", word == "join", word == "on", word == "using":
			return k
		case joinWords[word] && k > i && p.endsOperand(k-1): // also a name
			return k
		}
	}
	return j
}

// operatorWords are the operators that are also names.
var operatorWords = set("like glob regexp match")

// endsOperand reports whether an operand may end with the token.
func (p *parser) endsOperand(k int) bool {
	t := &p.tokens[k]
	switch {
	case t.Kind == sqltext.Parameter, t.Kind == sqltext.Quoted:
		return true
	case operatorWords[t.word]:
		before := k - 1
		if p.wordBefore(k, 0) == "not" {
			before--
		}
		return before < 0 || !p.endsOperand(before)
	case t.Kind == sqltext.Word:
		return !reserved[t.word] || t.word == "null" || t.word == "isnull" || t.word == "notnull"
	}
	return t.word == ")" || t.isNumber() || t.word != "" && (t.word[0] == 'x' || t.word[0] == 'X')
}
