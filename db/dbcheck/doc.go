// Package dbcheck proves of code that sqlc generated for SQLite that it does what the
// queries say.
package dbcheck
