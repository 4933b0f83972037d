package dbcheck

import "database/sql"

// Server has each statement compiled on a libSQL server as well, which pool is opened for:
// what only SQLite has is found, and what only the server has passes.
//
// The server's database must be empty, or have exactly this schema; otherwise the check
// fails before anything is compiled. No statement runs on it but those of the schema, where
// it is empty, in a transaction that is rolled back: nothing is left behind.
func Server(pool *sql.DB) Option {
	return func(c *checker) { c.server = pool }
}
