package decide

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"math"
	"strconv"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// An outcome is the value of a condition.
type outcome uint8

const (
	unknown outcome = iota // the arguments alone don't decide it
	isFalse
	isTrue
	isNull
)

func (o outcome) String() string {
	return [...]string{"undecided", "false", "true", "null"}[o]
}

func outcomeOf(b bool) outcome {
	if b {
		return isTrue
	}
	return isFalse
}

func (o outcome) not() outcome {
	switch o {
	case isFalse:
		return isTrue
	case isTrue:
		return isFalse
	}
	return o
}

// A constant is a condition of parameters and literals.
type constant struct {
	op    string // "" for the truth of left; "=", "<>", "<", "<=", ">", ">=", "is", "in"
	not   bool   // the outcome is negated
	left  operand
	right []operand
	text  string // as it is written
	id    int    // among the constants that depend on arguments
	// implied: it isn't written, but follows from coalesce(parameter, …).
	implied bool
}

// An operand is a value of parameters and literals.
type operand struct {
	kind   operandKind
	value  any       // a literal: nil, int64 or string
	param  int       // the index of a parameter, from 0
	offset int       // of a parameter in the text
	cast   affinity  // of a CAST of the parameter
	as     string    // the type of the CAST
	of     []operand // the arguments of coalesce
}

type operandKind uint8

const (
	literal operandKind = iota
	param
	castParam
	coalesce
)

// dependsOnArguments reports whether a constant has parameters.
func (c *constant) dependsOnArguments() bool {
	return c.left.hasParam() || anyHasParam(c.right)
}

func (o *operand) hasParam() bool { return o.kind == param || o.kind == castParam || anyHasParam(o.of) }

func anyHasParam(operands []operand) bool {
	for i := range operands {
		if operands[i].hasParam() {
			return true
		}
	}
	return false
}

// decide returns the outcome for arguments: nil, int64, float64, string or []byte.
func (c *constant) decide(args []driver.Value) outcome {
	left, known := c.left.valueOf(args)
	o := unknown
	switch {
	case !known && c.op == "is" && c.right[0].kind == literal && c.right[0].value == nil:
		o = isFalse // only NULL gives NULL, also through a CAST
	case !known:
	case c.op == "":
		o = truth(left)
	case c.op == "in":
		o = c.in(left, args)
	default:
		o = c.compare(c.op, left, &c.right[0], args)
	}
	if c.not {
		return o.not()
	}
	return o
}

// in decides left IN (right).
func (c *constant) in(left any, args []driver.Value) outcome {
	o := isFalse
	for i := range c.right {
		switch c.compare("=", left, &c.right[i], args) {
		case isTrue:
			return isTrue
		case unknown:
			return unknown
		case isNull:
			o = isNull
		}
	}
	return o
}

// compare decides left op o.
func (c *constant) compare(op string, left any, o *operand, args []driver.Value) outcome {
	right, known := o.valueOf(args)
	if !known {
		return unknown
	}
	if op == "is" {
		if left == nil || right == nil {
			return outcomeOf(left == nil && right == nil)
		}
		op = "="
	}
	if left == nil || right == nil {
		return isNull
	}
	// A CAST gives its affinity to the comparison, so the other value may be converted.
	if (c.left.kind == castParam || o.kind == castParam) && classOf(left) != classOf(right) {
		return unknown
	}
	return relate(op, left, right)
}

// relate compares two values that aren't NULL and have no affinity.
// https://sqlite.org/datatype3.html#comparison_expressions
func relate(op string, left, right any) outcome {
	order, equalOnly := 0, false
	switch a, b := classOf(left), classOf(right); {
	case a != b:
		order = cmp.Compare(a, b)
	case a == number:
		order = compareNumbers(left, right)
	case a == text:
		order, equalOnly = cmp.Compare(left.(string), right.(string)), true
	default:
		order = bytes.Compare(left.([]byte), right.([]byte))
	}
	switch op {
	case "=":
		return outcomeOf(order == 0)
	case "<>":
		return outcomeOf(order != 0)
	}
	if equalOnly && order != 0 {
		return unknown // the order of texts depends on the encoding of the database
	}
	switch op {
	case "<":
		return outcomeOf(order < 0)
	case "<=":
		return outcomeOf(order <= 0)
	case ">":
		return outcomeOf(order > 0)
	default:
		return outcomeOf(order >= 0)
	}
}

// A class is a storage class, in the order in which SQLite sorts them.
type class int

const (
	number class = iota
	text
	blob
	noClass
)

func classOf(v any) class {
	switch v.(type) {
	case int64, float64:
		return number
	case string:
		return text
	case []byte:
		return blob
	}
	return noClass
}

// compareNumbers compares without rounding: a float64 can't hold each integer.
func compareNumbers(a, b any) int {
	switch a := a.(type) {
	case int64:
		switch b := b.(type) {
		case int64:
			return cmp.Compare(a, b)
		case float64:
			return compareIntFloat(a, b)
		}
	case float64:
		switch b := b.(type) {
		case int64:
			return -compareIntFloat(b, a)
		case float64:
			return cmp.Compare(a, b)
		}
	}
	return 0
}

func compareIntFloat(i int64, f float64) int {
	switch {
	case f >= 1<<63:
		return -1
	case f < -1<<63:
		return 1
	}
	whole := math.Trunc(f)
	if order := cmp.Compare(i, int64(whole)); order != 0 {
		return order
	}
	return cmp.Compare(whole, f)
}

// truth returns the truth of a value. The truth of texts and BLOBs isn't decided: SQLite converts them
// to numbers.
func truth(v any) outcome {
	switch v := v.(type) {
	case nil:
		return isNull
	case int64:
		return outcomeOf(v != 0)
	case float64:
		return outcomeOf(v != 0)
	}
	return unknown
}

// valueOf returns the value of an operand, if the arguments alone decide it.
func (o *operand) valueOf(args []driver.Value) (value any, known bool) {
	switch o.kind {
	case literal:
		return o.value, true
	case param:
		return args[o.param], true
	case castParam:
		return args[o.param], args[o.param] == nil || o.cast.keeps(args[o.param])
	}
	for i := range o.of {
		if value, known := o.of[i].valueOf(args); !known || value != nil {
			return value, known
		}
	}
	return nil, true
}

// An affinity is the affinity of a CAST. https://sqlite.org/datatype3.html#determination_of_column_affinity
type affinity uint8

const (
	numericAffinity affinity = iota
	integerAffinity
	textAffinity
	blobAffinity
	realAffinity
)

func affinityOf(declared string) affinity {
	declared = lower(declared)
	has := func(part string) bool { return strings.Contains(declared, part) }
	switch {
	case has("int"):
		return integerAffinity
	case has("char"), has("clob"), has("text"):
		return textAffinity
	case has("blob"), declared == "":
		return blobAffinity
	case has("real"), has("floa"), has("doub"):
		return realAffinity
	}
	return numericAffinity
}

// keeps reports whether a CAST leaves a value as it is.
func (a affinity) keeps(v any) bool {
	switch v.(type) {
	case int64:
		return a == integerAffinity || a == numericAffinity
	case float64:
		return a == realAffinity
	case string:
		return a == textAffinity
	case []byte:
		return a == blobAffinity
	}
	return false
}

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
	case "=", "==":
		c.op = "="
		return i + 1
	case "<>", "!=":
		c.op = "<>"
		return i + 1
	case "<", "<=", ">", ">=":
		c.op = word
		return i + 1
	case "isnull", "notnull":
		c.op, c.not, c.right = "is", word == "notnull", null
		return i + 1
	case "is":
		c.op = "is"
		if next(1) == "not" {
			c.not = true
			return i + 2
		}
		return i + 1
	case "in":
		c.op = "in"
		return i + 1
	case "not":
		switch c.not = true; next(1) {
		case "in":
			c.op = "in"
			return i + 2
		case "null":
			c.op, c.right = "is", null
			return i + 2
		}
	}
	return -1
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
		return operand{kind: param, param: p.indexes[i], offset: t.Offset}, i + 1, true
	case t.isText():
		return operand{value: strings.ReplaceAll(t.Text[1:len(t.Text)-1], "''", "'")}, i + 1, true
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
	return operand{kind: castParam, param: p.indexes[i+2], offset: p.tokens[i+2].Offset, cast: affinityOf(declared), as: declared}, end + 1, end < j
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
