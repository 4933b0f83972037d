package decide

import (
	"database/sql/driver"
	"strings"
)

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

// flat returns the operands with the arguments of coalesce in place of it.
func flat(operands []operand) (all []operand) {
	for _, o := range operands {
		if o.kind == coalesce {
			all = append(all, flat(o.of)...)
		} else {
			all = append(all, o)
		}
	}
	return all
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
