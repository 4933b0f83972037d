// Package schema has the migrations.
package schema

import "embed"

// FS holds the migrations.
//
//go:embed *.sql
var FS embed.FS
