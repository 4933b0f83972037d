// Package schema has the tables of the benchmarks.
package schema

import _ "embed"

// SQL makes the tables.
//
//go:embed schema.sql
var SQL string
