package decide

import (
	"slices"

	"github.com/duolite/duolite/internal/sqltext"
)

// A sortTerm is a term of ORDER BY.
type sortTerm struct {
	start, end int // of its text
	// choices are the tests and results of a CASE that can be decided. Other terms have none.
	choices []sortChoice
	caseEnd int // of the text of CASE … END, before DESC
}

// A sortChoice is a branch of a CASE in ORDER BY. The last one is ELSE, whose test is nil.
type sortChoice struct {
	test *node
	text variantText // to sort by; empty for a constant
}

// order finds the terms of ORDER BY that can be decided. It returns nil if there are none.
func (p *parser) order(c clause, core *core) edit {
	if !core.selects || core.compound || c.from >= c.to || p.tokens[c.from].word != "by" {
		return nil
	}
	e := &orderEdit{start: p.tokens[c.from-1].Offset, end: p.tokens[c.to-1].end()}
	decidable := false
	for _, part := range p.split(c.from+1, c.to, ",") {
		if part[0] == part[1] {
			p.failed = true
		}
		if p.failed {
			return nil
		}
		term := sortTerm{start: p.tokens[part[0]].Offset, end: p.tokens[part[1]-1].end()}
		if p.tokens[part[0]].word == "case" {
			p.sortChoices(&term, part[0], part[1], core)
		}
		decidable = decidable || len(term.choices) > 0
		e.terms = append(e.terms, term)
	}
	if !decidable {
		return nil
	}
	return e
}

// sortChoices sets the choices of a term that begins with CASE, if one of its branches can take the
// place of the whole CASE.
//
// An aggregate in a branch that goes away makes no difference: SQLite takes aggregates in ORDER BY
// only if the SELECT is an aggregate without it.
//
// CASE has no collation, so the branch gets COLLATE BINARY. If a branch has a COLLATE itself, that
// counts for the whole CASE, and the term stays.
func (p *parser) sortChoices(term *sortTerm, i, j int, core *core) {
	end := p.endOfCase(i, j)
	if p.failed || p.hasWord(i, j, "collate") || !p.isSuffix(end, j) {
		return
	}
	c := p.caseOf(i, end)
	if c == nil {
		return
	}
	results := [][2]int{}
	for _, b := range c.branches {
		results = append(results, b.result)
	}
	if c.otherwise[0] < c.otherwise[1] {
		results = append(results, c.otherwise)
	}
	choices, ok := make([]sortChoice, len(c.branches)+1), true
	for i, result := range results {
		if choices[i].text, ok = p.sortText(result, core); !ok {
			return
		}
	}
	for i, b := range c.branches {
		choices[i].test = p.test(c, b)
	}
	term.choices, term.caseEnd = choices, p.tokens[end-1].end()
}

// isSuffix reports whether the tokens i to j are [ASC | DESC] [NULLS FIRST | NULLS LAST].
func (p *parser) isSuffix(i, j int) bool {
	return !slices.ContainsFunc(p.tokens[i:j], func(t token) bool { return !suffixWords[t.word] })
}

var suffixWords = set("asc desc nulls first last")

// sortText returns the text that sorts as the branch of a CASE does. It is empty if the branch is constant.
// sortText returns false if there is none.
func (p *parser) sortText(result [2]int, core *core) (variantText, bool) {
	i, j := result[0], result[1]
	for p.tokens[i].word == "(" && p.tokens[i].match == j-1 && i+2 < j && !p.isQuery(i+1) {
		i, j = i+1, j-1
	}
	if p.isConstant(i, j) {
		return nil, true
	}
	expression := original(p.tokens[i].Offset, p.tokens[j-1].end())
	if j-i == 1 {
		// ORDER BY takes a name for an alias first, and a name within an expression for a column.
		t := &p.tokens[i]
		if !t.isName() || values[t.word] || p.mayBeAlias(sqltext.Unquote(t.Text), core) {
			return nil, false
		}
		return variantText{expression, added(" COLLATE BINARY")}, true
	}
	if j-i == 3 && p.tokens[i+1].word == "." {
		return variantText{expression, added(" COLLATE BINARY")}, true
	}
	return variantText{added("("), expression, added(") COLLATE BINARY")}, true
}

// isConstant reports whether an expression has no names.
func (p *parser) isConstant(i, j int) bool {
	return !slices.ContainsFunc(p.tokens[i:j], func(t token) bool {
		return t.Kind == sqltext.Word && t.word != "null" || t.Kind == sqltext.Quoted && !t.isText()
	})
}

// mayBeAlias reports whether a name may be the name of a result column to ORDER BY. The columns of a star
// have names. These only differ from the columns themselves after a join with USING or NATURAL: the id
// of u.* is the one of u, and id alone is the one of both tables.
func (p *parser) mayBeAlias(name string, core *core) bool {
	from, to := core.list.from, core.list.to
	for from < to && (p.tokens[from].word == "distinct" || p.tokens[from].word == "all") {
		from++
	}
	for _, part := range p.split(from, to, ",") {
		last := part[1] - 1
		if last < part[0] {
			continue
		}
		switch t := &p.tokens[last]; {
		case t.word == "*":
			if core.merges {
				return true
			}
		case last == part[0] || p.tokens[last-1].word == ".":
			// a column
		case (t.Kind == sqltext.Word || t.Kind == sqltext.Quoted) && lower(sqltext.Unquote(t.Text)) == lower(name):
			return true
		}
	}
	return false
}
