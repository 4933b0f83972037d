// Package source reads the SQL of queries and of a schema: their files, statements, names,
// parameters, clauses and comments. It runs no SQL and judges nothing.
package source
