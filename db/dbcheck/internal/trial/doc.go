// Package trial runs the statements of methods in databases with different rows, and sees which
// values come back. It fills the tables with rows that their constraints allow, draws arguments,
// and notes each value that a method can't read or changes, and each time that meets another
// form of itself. It also tells which texts compile.
package trial
