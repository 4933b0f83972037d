// Package call calls the methods that sqlc generated. It finds out which parameters a method
// has, which statement it sends, which of its arguments reaches which place of the query, and
// into which fields it reads a row. Its statements run nowhere: their answers are given.
package call
