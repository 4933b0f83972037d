// Package schema has the tables of the benchmarks.
package schema

import _ "embed"

// SQL creates the tables.
//
//go:embed schema.sql
var SQL string
