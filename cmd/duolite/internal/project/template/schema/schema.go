// Package schema embeds the migrations. They are applied in the order of their names. A file that
// has been applied to a database isn't edited: a change is a new file.
package schema

import "embed"

// FS contains the migrations.
//
//go:embed *.sql
var FS embed.FS
