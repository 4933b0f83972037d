// Package sqltext parses as much of SQL as is needed to split a text into statements and to
// find each statement's kind and parameters, by SQLite's rules.
package sqltext

// A Statement is one statement of a text.
type Statement struct {
	// Text is the statement with the comments in and before it. It doesn't include the closing
	// semicolon and a comment that isn't closed.
	Text string
	Kind Kind
	// Params has an element for each parameter index of SQLite, from 1. It is the name that
	// sqlite3_bind_parameter_name returns: ":name", "@name", "$name" or "?3". It is "" for a
	// plain ? and for an unused number. A name that occurs several times has one index.
	Params []string
	// Upsert: the statement has a DO UPDATE, so whether it inserts depends on the data.
	Upsert bool
	// Star: the statement has a * that may stand for columns, so their number depends on the
	// schema.
	Star bool
}

// A Kind is the kind of a statement, found from its keywords.
type Kind int

const (
	// Other: all other statements, such as CREATE, DROP, ALTER, ANALYZE, REINDEX.
	Other Kind = iota
	// Read: SELECT, VALUES, WITH before them, and EXPLAIN of any statement except a PRAGMA.
	// (EXPLAIN PRAGMA may change settings, since SQLite sets some of them when it compiles the
	// PRAGMA.)
	Read
	// Insert: INSERT and REPLACE, also after WITH.
	Insert
	// Change: UPDATE and DELETE, also after WITH.
	Change
	// BeginDeferred: BEGIN [DEFERRED] [TRANSACTION].
	BeginDeferred
	// BeginWrite: BEGIN IMMEDIATE or EXCLUSIVE.
	BeginWrite
	// Commit: COMMIT and END.
	Commit
	// Rollback: ROLLBACK [TRANSACTION], but not ROLLBACK TO a savepoint.
	Rollback
	// Savepoint: SAVEPOINT, RELEASE, ROLLBACK TO.
	Savepoint
	// Pragma: a PRAGMA that can run in a transaction; see pragmas.
	Pragma
	// Outside: a statement that can't run in a transaction, or has another effect there:
	// VACUUM, ATTACH, DETACH, and every other PRAGMA.
	Outside
)
