package decide

import (
	"slices"

	"github.com/duolite/duolite/internal/sqltext"
)

// A node is a condition of which only the truth matters.
type node struct {
	kind       nodeKind
	start, end int     // of its text
	kids       []*node // of and, or, not, parens; of choice, the branches and ELSE or nil
	tests      []*node // of choice, before each branch
	constant   *constant
	edits      []edit // of other: in subqueries and functions
}

type nodeKind uint8

const (
	other  nodeKind = iota // or a constant
	and                    // kid AND kid …
	or                     // kid OR kid …
	not                    // NOT kid
	parens                 // (kid)
	choice                 // CASE
)

// node returns a node of tokens i to j.
func (p *parser) node(kind nodeKind, i, j int, kids ...*node) *node {
	return &node{kind: kind, start: p.tokens[i].Offset, end: p.tokens[j-1].end(), kids: kids}
}

// condition parses tokens i to j as a condition.
func (p *parser) condition(i, j int) *node {
	return p.list(or, "or", i, j, func(i, j int) *node { return p.list(and, "and", i, j, p.term) })
}

// list parses conditions that are separated by a word, AND or OR.
func (p *parser) list(kind nodeKind, word string, i, j int, parse func(i, j int) *node) *node {
	var kids []*node
	for _, part := range p.split(i, j, word) {
		if part[0] == part[1] {
			p.failed = true
		}
		if p.failed {
			return &node{}
		}
		kids = append(kids, parse(part[0], part[1]))
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return p.node(kind, i, j, kids...)
}

// split returns the parts of tokens i to j between a separator, outside of parentheses, of CASE and of
// BETWEEN … AND.
func (p *parser) split(i, j int, separator string) (parts [][2]int) {
	between := 0
	start := i
	for k := i; k < j; {
		next := p.after(k)
		switch word := p.tokens[k].word; {
		case word == "case":
			next = p.endOfCase(k, j)
		case word == "between":
			between++
		case word == "and" && between > 0:
			between--
		case word == "or" && between > 0:
			p.failed = true
		case word == separator:
			parts = append(parts, [2]int{start, k})
			start = next
		}
		k = next
	}
	return append(parts, [2]int{start, j})
}

// endOfCase returns the index after the END of the CASE at k.
func (p *parser) endOfCase(k, j int) int {
	depth := 0
	for ; k < j; k = p.after(k) {
		switch p.tokens[k].word {
		case "case":
			depth++
		case "end":
			// END is also a name.
			if !p.endsOperand(k - 1) {
				p.failed = true
			}
			if depth--; depth == 0 {
				return k + 1
			}
		}
	}
	p.failed = true
	return j
}

// term parses a condition without AND and OR.
func (p *parser) term(i, j int) *node {
	p.depth++
	defer func() { p.depth-- }()
	if p.failed = p.failed || p.depth > maxDepth; p.failed {
		return &node{}
	}
	switch first := &p.tokens[i]; {
	case first.word == "not" && i+1 < j:
		return p.node(not, i, j, p.term(i+1, j))
	case first.word == "(" && first.match == j-1 && i+2 < j && !p.isQuery(i+1) && len(p.split(i+1, j-1, ",")) == 1:
		return p.node(parens, i, j, p.condition(i+1, j-1))
	case first.word == "case" && p.endOfCase(i, j) == j:
		if n := p.choice(i, j); n != nil {
			return n
		}
	}
	n := p.node(other, i, j)
	if n.constant = p.constant(i, j); n.constant != nil {
		p.use(n.constant)
	} else {
		n.edits = p.inside(i, j)
	}
	return n
}

// use adds a constant that depends on arguments.
func (p *parser) use(c *constant) {
	if c.dependsOnArguments() {
		c.id = len(p.constants)
		p.constants = append(p.constants, c)
	}
}

// choice parses CASE as a choice between conditions.
func (p *parser) choice(i, j int) *node {
	c := p.caseOf(i, j)
	if c == nil {
		return nil
	}
	n := p.node(choice, i, j)
	for _, b := range c.branches {
		n.tests = append(n.tests, p.test(c, b))
		n.kids = append(n.kids, p.condition(b.result[0], b.result[1]))
	}
	if c.otherwise[1] > c.otherwise[0] {
		n.kids = append(n.kids, p.condition(c.otherwise[0], c.otherwise[1]))
	} else {
		n.kids = append(n.kids, nil)
	}
	return n
}

// A caseExpression is a CASE, as ranges of tokens.
type caseExpression struct {
	base      [2]int // of CASE base WHEN, or empty
	branches  []branch
	otherwise [2]int // after ELSE, or empty
}

// A branch is WHEN test THEN result.
type branch struct{ test, result [2]int }

// caseOf parses the CASE that is tokens i to j. It returns nil if that isn't possible.
func (p *parser) caseOf(i, j int) *caseExpression {
	c := &caseExpression{base: [2]int{i + 1, i + 1}}
	part := &c.base
	for k := i + 1; k < j-1; {
		next, begins := p.after(k), true
		switch p.tokens[k].word {
		case "when":
			c.branches = append(c.branches, branch{})
			part = &c.branches[len(c.branches)-1].test
		case "then":
			if len(c.branches) == 0 {
				return nil
			}
			part = &c.branches[len(c.branches)-1].result
		case "else":
			part = &c.otherwise
		case "case":
			next, begins = p.endOfCase(k, j), false
		default:
			begins = false
		}
		if part[1] = next; begins {
			part[0] = next
		}
		k = next
	}
	for _, b := range c.branches {
		if b.test[0] == b.test[1] || b.result[0] == b.result[1] {
			return nil
		}
	}
	if len(c.branches) == 0 {
		return nil
	}
	return c
}

// test returns the condition of a branch.
func (p *parser) test(c *caseExpression, b branch) *node {
	if c.base[0] == c.base[1] {
		return p.condition(b.test[0], b.test[1])
	}
	// CASE base WHEN value: base = value
	n := p.node(other, b.test[0], b.test[1])
	left, after, ok := p.operand(c.base[0], c.base[1])
	right, end, fine := p.operand(b.test[0], b.test[1])
	if ok && fine && after == c.base[1] && end == b.test[1] {
		n.constant = &constant{op: "=", left: left, right: []operand{right},
			text: p.textOf(c.base) + " = " + p.textOf(b.test)}
		p.use(n.constant)
	}
	return n
}

func (p *parser) textOf(tokens [2]int) string {
	return p.text[p.tokens[tokens[0]].Offset:p.tokens[tokens[1]-1].end()]
}

// inside finds the edits in an expression: in its subqueries, and coalesce(parameter, …).
func (p *parser) inside(i, j int) (edits []edit) {
	for k := i; k < j && !p.failed; k++ {
		if p.tokens[k].word != "(" {
			continue
		}
		end := p.tokens[k].match
		switch {
		case p.isQuery(k + 1):
			edits = append(edits, p.query(k+1, end)...)
		case p.isCoalesce(k):
			edits = append(edits, p.coalesceEdit(k, p.inside(k+1, end)))
		default:
			edits = append(edits, p.inside(k+1, end)...)
		}
		k = end
	}
	return edits
}

// isCoalesce reports whether coalesce(parameter, …) has the parenthesis at k. A COLLATE among
// the arguments counts for the whole function.
func (p *parser) isCoalesce(k int) bool {
	if name := p.wordBefore(k, 0); name != "coalesce" && name != "ifnull" {
		return false
	}
	if p.tokens[k+1].Kind != sqltext.Parameter || p.tokens[k+2].word != "," {
		return false
	}
	return !p.hasWord(k+1, p.tokens[k].match, "collate")
}

func (p *parser) hasWord(i, j int, word string) bool {
	return slices.ContainsFunc(p.tokens[i:j], func(t token) bool { return t.word == word })
}

func (p *parser) coalesceEdit(k int, inner []edit) *coalesceEdit {
	parameter := &p.tokens[k+1]
	given := &constant{op: "is", not: true, left: operand{kind: param, param: p.tokens[k+1].index}, right: []operand{{}},
		text: parameter.Text + " IS NOT NULL", implied: true}
	p.use(given)
	return &coalesceEdit{
		start: p.tokens[k-1].Offset, end: p.tokens[p.tokens[k].match].end(),
		given: given, parameter: original(parameter.Offset, parameter.end()), inner: inner,
	}
}
