package dbcheck

import "database/sql"

// Server has each statement compiled on a libSQL server too. pool is a pool of that server. SQL
// that only SQLite knows is then a finding, and SQL that only the server knows passes.
//
// The server's database must be empty, or have exactly this schema. Otherwise the check
// fails before anything is compiled. If it is empty, the statements of the schema run in it, in a
// transaction that is rolled back. No other statement runs, and nothing is left behind.
func Server(pool *sql.DB) Option {
	return func(c *checker) { c.server = pool }
}
