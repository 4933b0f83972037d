package dbcheck

import (
	"reflect"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
)

// Seen is all that was seen of the rows of a method.
type seen struct {
	fields []call.Field
	// columns are the names of the statement's columns, and declared their types: "" for an expression.
	columns, declared []string
	row               bool // a row came back
	observations      []observation
	values            map[int]any // a value of each column that isn't NULL
}

// An Observation is one mistake that was seen.
type observation struct {
	kind   kind
	column int
	value  any           // of the column, as the driver had it
	got    reflect.Value // the value that the method returned, for otherValue
	table  string        // the embedded struct, for nullTable
	other  int           // the field, for otherField and misnamedColumn
	count  int           // of columns, for columnCount
	err    error         // for unreadableRows
	state  string        // in which it was seen, as a message names it: "no rows in posts"
}

// A kind is a kind of observation.
type kind int

const (
	// columnCount: the statement has another number of columns than the method reads.
	columnCount kind = iota
	// otherField: a column comes back in the field of another one.
	otherField
	// misnamedColumn: a column has the name of another column's field.
	misnamedColumn
	// nullColumn: a column is NULL, which its field can't hold.
	nullColumn
	// nullTable: all columns of an embedded struct are NULL.
	nullTable
	// unreadableValue: a field can't hold the value of its column.
	unreadableValue
	// unreadableRows: the rows can't be read.
	unreadableRows
	// otherValue: a field has another value than its column.
	otherValue
)

// subjects says which kinds are about the same thing: each column is observed once for it.
var subjects = map[kind]int{
	columnCount: 0, otherField: 0, misnamedColumn: 0, nullColumn: 1, nullTable: 1, unreadableValue: 2, unreadableRows: 2, otherValue: 3,
}

type subjectColumn struct {
	subject int
	column  string
}
