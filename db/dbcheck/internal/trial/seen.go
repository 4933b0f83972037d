package trial

import (
	"reflect"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
)

// Seen has everything that was observed about the rows of a method.
type Seen struct {
	Fields []call.Field
	// Columns are the names of the statement's columns.
	Columns      []string
	AnyRow       bool // a row came back
	Observations []Observation
	Values       map[int]any // a value of each column that isn't NULL
}

// An Observation is one mistake that was seen.
type Observation struct {
	Kind   Kind
	Column int
	Value  any           // of the column, as the driver had it
	Got    reflect.Value // the value that the method returned, for OtherValue
	Table  string        // the embedded struct, for NullTable
	Other  int           // the field, for OtherField and MisnamedColumn
	Count  int           // of columns, for ColumnCount
	Err    error         // for UnreadableRows
	State  string        // in which it was seen, as a message names it: "no rows in posts"
}

// A Kind is a kind of observation.
type Kind int

const (
	// ColumnCount: the statement has another number of columns than the method reads.
	ColumnCount Kind = iota
	// OtherField: a column comes back in the field of another one.
	OtherField
	// MisnamedColumn: a column has the name of another column's field.
	MisnamedColumn
	// NullColumn: a column is NULL, which its field can't hold.
	NullColumn
	// NullTable: all columns of an embedded struct are NULL.
	NullTable
	// UnreadableValue: a field can't hold the value of its column.
	UnreadableValue
	// UnreadableRows: the rows can't be read.
	UnreadableRows
	// OtherValue: a field has another value than its column.
	OtherValue
)

// subjects says which kinds are about the same thing: each column is observed once for it.
var subjects = map[Kind]int{
	ColumnCount: 0, OtherField: 0, MisnamedColumn: 0, NullColumn: 1, NullTable: 1, UnreadableValue: 2, UnreadableRows: 2, OtherValue: 3,
}

type subjectColumn struct {
	subject int
	column  string
}
