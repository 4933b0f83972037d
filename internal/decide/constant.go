package decide

import (
	"database/sql/driver"
	"slices"
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

// dependsOnArguments reports whether a constant has parameters.
func (c *constant) dependsOnArguments() bool {
	return slices.ContainsFunc(c.operands(), func(o operand) bool { return o.kind != literal })
}

// operands returns the operands, with the arguments of coalesce in place of it.
func (c *constant) operands() []operand { return flat(append([]operand{c.left}, c.right...)) }

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
