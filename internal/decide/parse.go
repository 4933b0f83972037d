package decide

import (
	"strconv"

	"github.com/duolite/duolite/internal/sqltext"
)

// constant parses tokens i to j as a constant. It returns nil for all other conditions.
func (p *parser) constant(i, j int) *constant {
	c := &constant{text: p.text[p.tokens[i].Offset:p.tokens[j-1].end()]}
	var ok bool
	if c.left, i, ok = p.operand(i, j); !ok {
		return nil
	}
	if i == j {
		return c
	}
	if i = p.operator(c, i, j); i < 0 {
		return nil
	}
	switch {
	case len(c.right) > 0: // ISNULL
		ok = i == j
	case c.op == "in":
		if i >= j || p.tokens[i].word != "(" || p.tokens[i].match != j-1 || i+2 == j {
			return nil
		}
		c.right, ok = p.operands(i+1, j-1)
	default:
		c.right, ok = p.operands(i, j)
		ok = ok && len(c.right) == 1
	}
	if !ok {
		return nil
	}
	return c
}

// operator parses the operator at i, and returns the index after it, or -1.
func (p *parser) operator(c *constant, i, j int) int {
	next := func(n int) string {
		if i+n < j {
			return p.tokens[i+n].word
		}
		return ""
	}
	null := []operand{{}}
	switch word := next(0); word {
	case "==":
		c.op = "="
	case "!=":
		c.op = "<>"
	case "=", "<>", "<", "<=", ">", ">=", "in":
		c.op = word
	case "isnull", "notnull":
		c.op, c.not, c.right = "is", word == "notnull", null
	case "is":
		if c.op, c.not = "is", next(1) == "not"; c.not {
			i++
		}
	case "not":
		c.not = true
		i++
		switch next(0) {
		case "in":
			c.op = "in"
		case "null":
			c.op, c.right = "is", null
		default:
			return -1
		}
	default:
		return -1
	}
	return i + 1
}

// operands parses a list that is separated by commas.
func (p *parser) operands(i, j int) (list []operand, ok bool) {
	for {
		var o operand
		if o, i, ok = p.operand(i, j); !ok {
			return nil, false
		}
		list = append(list, o)
		if i == j {
			return list, true
		}
		if p.tokens[i].word != "," {
			return nil, false
		}
		i++
	}
}

// operand parses an operand at i, and returns the index after it.
func (p *parser) operand(i, j int) (o operand, after int, ok bool) {
	if i >= j {
		return o, i, false
	}
	switch t := &p.tokens[i]; {
	case t.Kind == sqltext.Parameter:
		return operand{kind: param, param: t.index, offset: t.Offset}, i + 1, true
	case t.isText():
		return operand{value: sqltext.Unquote(t.Text)}, i + 1, true
	case t.word == "null":
		return operand{}, i + 1, true
	case t.word == "-":
		n, ok := p.integer(i+1, j)
		return operand{value: -n}, i + 2, ok
	case t.word == "(":
		o, after, ok := p.operand(i+1, t.match)
		return o, t.match + 1, ok && after == t.match
	case t.word == "cast":
		return p.cast(i, j)
	case t.word == "coalesce", t.word == "ifnull":
		return p.coalesce(i, j)
	}
	n, ok := p.integer(i, j)
	return operand{value: n}, i + 1, ok
}

// integer parses a decimal integer that certainly fits into 64 bits.
func (p *parser) integer(i, j int) (int64, bool) {
	const digits = 18
	if i >= j || len(p.tokens[i].word) > digits {
		return 0, false
	}
	n, err := strconv.ParseUint(p.tokens[i].word, 10, 63)
	return int64(n), err == nil
}

// cast parses CAST(parameter AS type).
func (p *parser) cast(i, j int) (o operand, after int, ok bool) {
	if i+4 >= j || p.tokens[i+1].word != "(" || p.tokens[i+2].Kind != sqltext.Parameter || p.tokens[i+3].word != "as" {
		return o, i, false
	}
	end := p.tokens[i+1].match
	if i+4 >= end {
		return o, i, false
	}
	declared := p.textOf([2]int{i + 4, end})
	return operand{kind: castParam, param: p.tokens[i+2].index, offset: p.tokens[i+2].Offset, cast: affinityOf(declared), as: declared}, end + 1, end < j
}

// coalesce parses coalesce(operand, …).
func (p *parser) coalesce(i, j int) (o operand, after int, ok bool) {
	if i+1 >= j || p.tokens[i+1].word != "(" {
		return o, i, false
	}
	end := p.tokens[i+1].match
	list, ok := p.operands(i+2, end)
	return operand{kind: coalesce, of: list}, end + 1, ok && len(list) > 1 && end < j
}
