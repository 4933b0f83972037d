// Package schema has the migrations of the shop.
package schema

import "embed"

// FS has the migrations, for db.Migrate.
//
//go:embed *.sql
var FS embed.FS
