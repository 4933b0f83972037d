package hrana

import "github.com/duolite/duolite/db/internal/engine"

// AssumeTransactions makes a database send no probe, so that a test's first request is its
// own.
func AssumeTransactions(d engine.Database) { d.(*database).hasTx.Store(true) }
