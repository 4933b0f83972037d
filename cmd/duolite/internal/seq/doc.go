// Package seq writes iterators for the code of sqlc. For each method of a :many query
// it writes a method that returns the same rows one by one, as an [iter.Seq2].
//
// It reads sqlc's Go code, not the SQL, and copies the parts that differ between queries, such as
// the types and the list of arguments. All of sqlc's options and
// overrides therefore hold, and the package knows none of them. It knows the shape of a method
// (shape.go). A method with another shape is an [Error].
package seq
