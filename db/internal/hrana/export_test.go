package hrana

import "github.com/duolite/duolite/db/internal/engine"

// AssumeTransactions makes a database skip the probe, so that a test counts its own requests
// only. The server must have protobuf.
func AssumeTransactions(d engine.Database) {
	d.(*database).hasTransactions.Store(true)
	d.(*database).hasProtobuf.Store(true)
}

// AssumeJSON makes a database send JSON only, to a server of the test that has no protobuf.
func AssumeJSON(d engine.Database) { d.(*database).hasProtobuf.Store(false) }
