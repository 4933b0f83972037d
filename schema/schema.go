// Package schema embeds the migrations that say what is stored. They lie in the
// order in which they are applied, in goose's form: what to do under "+goose Up",
// how to undo it under "+goose Down".
//
// sqlc reads the same files, so that the queries are checked against exactly
// what [github.com/duolite/duolite/db.Migrate] creates. A file that has been
// released is never edited: a change is a new file.
package schema

import "embed"

// FS holds the migrations.
//
//go:embed *.sql
var FS embed.FS
