// Package schema embeds the migrations of the tables of cmd/marks. This package and the generated
// package db/dbsqlc are the example's, not part of the API: a program has packages of its own like
// them.
//
// Migrations are applied in the order of their names. Each has goose's form: the changes after
// "+goose Up", and the statements that undo them after "+goose Down". sqlc reads the same files, so
// that queries are checked against the tables that [github.com/duolite/duolite/db.Migrate] creates.
// A released file is never edited: a change is a new file.
package schema

import "embed"

// FS contains the migrations.
//
//go:embed *.sql
var FS embed.FS
