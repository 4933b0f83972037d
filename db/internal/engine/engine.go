// Package engine defines the interface between the contract and the engines that run SQL.
//
// Package contract is above the interface. It implements values, errors, transactions, scripts
// and cancellation once for all engines. An engine only does as it is told: it doesn't repeat
// statements that may have run, converts no values, and parses no SQL.
package engine

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/internal/sqltext"
)

// A Database opens connections to one database.
type Database interface {
	// Connect opens a connection. It sends a request only if it must.
	Connect(context.Context) (Conn, error)
	// Interrupt ends the running calls, which fail with [ErrClosed]. It may be called at any
	// time. Afterwards connections are only rolled back and closed.
	Interrupt()
	// Close releases all resources besides connections.
	Close() error
}

// A Conn is one connection, used by one goroutine at a time.
//
// All methods return an [*Error], or the error of the context that ended the call. If a write
// was already sent, they return an [*Error] that wraps the context's error and has
// OutcomeUnknown set.
type Conn interface {
	// Prepare prepares a statement. An engine that would need a request for it reports errors
	// of the SQL in Check, Query and Exec instead.
	Prepare(context.Context, *sqltext.Statement) (Stmt, error)

	// Begin begins a transaction. An engine may send it together with the next statement. If
	// Begin then fails, that statement returns its error and isn't run.
	Begin(context.Context, Mode) error
	// Commit and Rollback end the transaction. It may remain open if Commit fails.
	Commit(context.Context) error
	Rollback(context.Context) error

	// InTx reports whether a transaction was open after the last reply, or will begin with the
	// next statement. It doesn't matter how the transaction was begun. Between Begin and
	// Commit a statement never runs outside of the transaction: if the transaction has ended,
	// the statement fails with [ErrTxLost] and isn't run.
	InTx() bool

	// ExecAll runs statements without arguments in order, and stops at the first error. It
	// neither begins nor ends a transaction.
	ExecAll(context.Context, []sqltext.Statement) (Result, error)

	// Ping sends a small request to the database.
	Ping(context.Context) error
	// Valid reports whether the connection may be used again.
	Valid() bool
	Close() error
}

// A Session is a connection that can lose its settings by itself, because a server closes idle
// streams.
type Session interface {
	// KeepSession says whether the connection has settings. If so, a statement fails once they
	// are lost.
	KeepSession(bool)
}

// A SetUpper is a connection on which a program's set-up may do more than other statements: it
// doesn't wait for its turn to write, and makes temporary tables on a read-only connection too.
type SetUpper interface {
	// SetUp calls run, which sets the connection up.
	SetUp(ctx context.Context, run func() error) error
}

// A ChangeKeeper is a connection to SQLite in the process.
type ChangeKeeper interface {
	// KeepChanges calls run. Afterwards SQL's changes() has the value of before.
	KeepChanges(run func())
}

// A Mode is the kind of a transaction.
type Mode int

const (
	// Write takes the write lock at once (BEGIN IMMEDIATE).
	Write Mode = iota
	// Read is a read-only snapshot.
	Read
)

// A Stmt is a prepared statement of a connection. It has one open Rows at a time. The next run
// invalidates earlier Rows and may return the same value.
type Stmt interface {
	// Check fails if the database can't compile the statement.
	Check(context.Context) error
	// Query returns the rows. Errors before the first row are returned by Query. ctx also
	// applies to the rows.
	//
	// args has one value for each parameter, in the order of [sqltext.Statement.Params]: nil,
	// int64, float64, string or []byte.
	Query(ctx context.Context, args []driver.Value) (Rows, error)
	// Exec runs the statement to its end and drops its rows.
	Exec(ctx context.Context, args []driver.Value) (Result, error)
	Close() error
}

// Rows is the result of a query.
type Rows interface {
	// Columns returns the columns. It may be called before the first Next.
	Columns() []Column
	// Next fills dest with nil, int64, float64, string or []byte, or returns io.EOF. The
	// caller owns the values.
	Next(dest []driver.Value) error
	// Close ends the query. It may be called more than once.
	Close() error
}

// A Column describes a column of a query's result.
type Column struct {
	Name string
	// Declared is the type in the table's definition, or "" for an expression.
	Declared string
}

// A Result is the result of a statement without rows.
type Result struct {
	// RowsAffected is the number of rows that an INSERT, UPDATE or DELETE changed, without
	// changes by triggers. It is 0 for other statements.
	RowsAffected int64
	// LastInsertID is the rowid of the last row that the statement inserted, or 0.
	LastInsertID int64
	// NoID is set if it isn't known whether LastInsertID belongs to this statement.
	NoID bool
}

// Add adds the result of the next statement of a script, whose rowid counts if it inserted a row.
func (r *Result) Add(next Result) {
	r.RowsAffected += next.RowsAffected
	if next.LastInsertID != 0 || next.NoID {
		r.LastInsertID, r.NoID = next.LastInsertID, next.NoID
	}
}

// Limited is a connection to a server, which limits the size of a row.
type Limited interface {
	// MaxRow returns the limit in bytes. SQLite applies it to single values and to rows as they are stored.
	MaxRow() int64
}

// NewClientGo returns a server's database that uses libsql-client-go. Package db/clientgo sets
// it when it is imported; otherwise it is nil. token may be nil.
var NewClientGo func(url string, token func(context.Context) (string, error)) Database
