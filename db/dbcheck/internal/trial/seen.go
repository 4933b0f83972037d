package trial

import (
	"reflect"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
)

// Seen is all that was seen of the rows of a method.
type Seen struct {
	Fields []call.Field
	// Columns are the names of the statement's columns, and declared their types: "" for an expression.
	Columns, declared []string
	AnyRow            bool // a row came back
	Observations      []Observation
	Values            map[int]any // a value of each column that isn't NULL
}

// An Observation is one mistake that was seen.
type Observation struct {
	Kind   kind
	Column int
	Value  any           // of the column, as the driver had it
	Got    reflect.Value // the value that the method returned, for otherValue
	Table  string        // the embedded struct, for nullTable
	Other  int           // the field, for otherField and misnamedColumn
	Count  int           // of columns, for columnCount
	Err    error         // for unreadableRows
	State  string        // in which it was seen, as a message names it: "no rows in posts"
}

// A kind is a kind of observation.
type kind int

const (
	// ColumnCount: the statement has another number of columns than the method reads.
	ColumnCount kind = iota
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
var subjects = map[kind]int{
	ColumnCount: 0, OtherField: 0, MisnamedColumn: 0, NullColumn: 1, NullTable: 1, UnreadableValue: 2, UnreadableRows: 2, OtherValue: 3,
}

type subjectColumn struct {
	subject int
	column  string
}
