// Package engine is the small interface between the contract and what runs the SQL.
//
// The contract (package contract) is written once above it: values, errors, transactions,
// scripts, cancellation. An engine does what it is told and nothing more: it doesn't
// retry what may have run, converts no values, and parses no SQL.
package engine

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// A Database makes connections to one database.
type Database interface {
	// Connect opens a connection. What needs no round trip to be known needs none here.
	Connect(context.Context) (Conn, error)
	// Interrupt ends the calls that are under way: they fail with [ErrClosed]. It may be
	// called at any time. What comes after it only rolls back and closes.
	Interrupt()
	// Close lets go of what is held besides connections.
	Close() error
}

// A Conn is one connection, used by one goroutine at a time.
//
// Errors of all methods are an [*Error], or the error of the context that ended the
// call; where a write had been sent by then, an [*Error] that wraps it and says that
// the outcome isn't known.
type Conn interface {
	// Prepare makes a statement ready. An engine that would have to ask for it leaves
	// the errors of the text to Check, Query and Exec.
	Prepare(context.Context, *sqltext.Statement) (Stmt, error)

	// Begin begins a transaction. An engine may send it together with the next
	// statement, which then has its error and isn't run.
	Begin(context.Context, Mode) error
	// Commit and Rollback end it. A Commit that fails may leave it open.
	Commit(context.Context) error
	Rollback(context.Context) error

	// InTx reports whether a transaction is open (or will be, with the next statement),
	// whoever began it, as of the last answer. Between Begin and Commit a statement is
	// never run outside of the transaction: if that has ended, the statement has the
	// error [ErrTxOver] and isn't run.
	InTx() bool

	// ExecAll runs statements without arguments in order, and stops at the first
	// that fails. It begins and ends no transaction.
	ExecAll(context.Context, []sqltext.Statement) (Result, error)

	// Ping asks the database something.
	Ping(context.Context) error
	// Valid reports whether the connection may serve again, by what is known of it.
	Valid() bool
	Close() error
}

// A Session is a connection that can lose its settings without the program's doing: that of a
// server that closes a stream which isn't used.
type Session interface {
	// KeepSession says whether the settings matter. While they do, a statement fails if
	// they are lost.
	KeepSession(bool)
}

// A Mode is the kind of a transaction.
type Mode int

const (
	// Write takes the write lock at once (BEGIN IMMEDIATE).
	Write Mode = iota
	// Read is a snapshot that can't be written to.
	Read
)

// A Stmt is a statement that is ready to run on its connection. Only one Rows of it is
// open at a time, and none is used any more when the next run begins: it may be the
// same one then.
type Stmt interface {
	// Check fails if the database can't compile the statement.
	Check(context.Context) error
	// Query returns the rows. Whatever fails before the first one fails here. The
	// context is that of the rows as well.
	//
	// args has one value for each parameter, in the order of [sqltext.Statement.Params]:
	// nil, int64, float64, string or []byte.
	Query(ctx context.Context, args []driver.Value) (Rows, error)
	// Exec runs the statement to its end, and drops its rows.
	Exec(ctx context.Context, args []driver.Value) (Result, error)
	Close() error
}

// Rows are the answer of a query.
type Rows interface {
	// Columns is known before the first Next.
	Columns() []Column
	// Next fills dest with nil, int64, float64, string or []byte that are the
	// caller's own, or returns io.EOF.
	Next(dest []driver.Value) error
	// Close ends the query. It may be called again.
	Close() error
}

// A Column is what a query says of one.
type Column struct {
	Name string
	// Declared is the type in the table's definition, or "" for an expression.
	Declared string
}

// A Result is what a statement did.
type Result struct {
	// RowsAffected is how many rows an INSERT, UPDATE or DELETE changed, triggers
	// aside; 0 for every other statement.
	RowsAffected int64
	// LastInsertID is the rowid of the last row that the statement inserted, or 0.
	LastInsertID int64
	// NoID says that it can't be known whether LastInsertID is of this statement.
	NoID bool
}
