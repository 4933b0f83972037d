// Package seq writes iterators for what sqlc wrote: for each method of a :many query
// one that returns the same rows one by one, as an [iter.Seq2].
//
// It reads sqlc's Go code, not the SQL, and copies what is particular to a query, such as
// the types and the list of arguments, as it is there. So all of sqlc's options and
// overrides hold without being known here. What is known is the shape of a method
// (shape.go); a method with another one is an [Error], never a guess.
package seq
