// Package sqltext reads as much of SQLite's language as it takes to keep statements
// apart and to tell what each does: where one ends, its parameters, its kind.
package sqltext

// A Statement is one statement of a text.
type Statement struct {
	// Text is the statement with the comments in and before it, without the
	// semicolon that ends it, and without a comment that doesn't end.
	Text string
	Kind Kind
	// Params has an element for each parameter index that SQLite gives, from 1, as
	// sqlite3_bind_parameter_name names it: ":name", "@name", "$name" or "?3"
	// as written; "" for a plain ? and for a number that is left out. A name stands
	// once, at its index, however often the statement has it.
	Params []string
	// Upsert: it has a DO UPDATE, so that whether it inserts depends on the data.
	Upsert bool
	// Star: it has a * that may stand for columns, so that how many it has depends on
	// the schema.
	Star bool
}

// A Kind is what a statement does, as far as its words tell.
type Kind int

const (
	// Other: all that isn't below, such as CREATE, DROP, ALTER, ANALYZE, REINDEX.
	Other Kind = iota
	// Read: SELECT, VALUES, WITH before them, and EXPLAIN of anything but a PRAGMA. (EXPLAIN PRAGMA
	// too, although SQLite has set some settings by the time it is compiled.)
	Read
	// Insert: INSERT and REPLACE, also behind WITH.
	Insert
	// Change: UPDATE and DELETE, also behind WITH.
	Change
	// BeginDeferred: BEGIN [DEFERRED] [TRANSACTION].
	BeginDeferred
	// BeginWrite: BEGIN IMMEDIATE or EXCLUSIVE.
	BeginWrite
	// Commit: COMMIT and END.
	Commit
	// Rollback: ROLLBACK [TRANSACTION] that isn't TO a savepoint.
	Rollback
	// Savepoint: SAVEPOINT, RELEASE, ROLLBACK TO.
	Savepoint
	// Pragma is a PRAGMA that can run in a transaction, as the list of this package has it.
	Pragma
	// Outside: what can't run in a transaction, or not to the same effect: VACUUM, ATTACH,
	// DETACH, and each PRAGMA that isn't known to.
	Outside
)
