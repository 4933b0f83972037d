// Package value has the two tables of value types: the classes of columns, by declared types
// (class.go), and the Go types of arguments and results (gotype.go). Each says how a value is
// made, stored, sent and compared.
package value
