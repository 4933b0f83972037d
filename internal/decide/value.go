package decide

import (
	"bytes"
	"cmp"
	"math"
)

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
	i, isInt := a.(int64)
	k, isIntToo := b.(int64)
	switch {
	case isInt && isIntToo:
		return cmp.Compare(i, k)
	case isInt:
		return compareIntFloat(i, b.(float64))
	case isIntToo:
		return -compareIntFloat(k, a.(float64))
	}
	return cmp.Compare(a.(float64), b.(float64))
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
