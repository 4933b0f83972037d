// Package dbtrace shows a program the calls of its pool. A [Tracer] is called before and after each
// statement, batch, transaction and connection. [Logger] is a Tracer that writes to a log:
//
//	tracer := &dbtrace.Logger{Slow: 100 * time.Millisecond}
//	pool, err := db.Open(ctx, url, db.WithTracer(tracer))
//
// Package dbotel, in a module of its own, has a Tracer for OpenTelemetry. Counts of a whole pool, for a
// program's metrics, are in db.Stats.
package dbtrace

import (
	"context"
	"time"
)

// A Tracer is called before and after each call that the pool's driver gets from database/sql. It is
// called by several goroutines at a time, and on the goroutine of the call, which waits for it.
//
// A Tracer may not use the pool: a pool whose connections are all in use would wait for itself. It may not
// panic: the pool would lose the connection.
type Tracer interface {
	// Start is called before a call begins. The context is the caller's. The result is passed to End,
	// and may carry values for it. The call itself goes on with the caller's context. So a Tracer can't
	// change a call.
	Start(ctx context.Context, call *Call) context.Context
	// End is called after the call. The context is the result of Start. The rows of a query end with
	// their Close, which database/sql also calls after the last row, and when ctx ends.
	End(ctx context.Context, call *Call)
}

// A Call is a call of the driver. It is valid until End returns.
type Call struct {
	Op Op
	// Database is the URL without parameters and credentials.
	Database string
	// Name is the query's name in the comment that sqlc writes first, "-- name: GetBook :one", or "". A
	// batch has the names of its queries, joined by "+", each once.
	Name string
	// Text is the SQL text as the program wrote it. It is "" for a batch and other calls without a text.
	Text string
	// Statements is the number of statements of a batch, and 1 for Query and Exec, also if the text is
	// a script.
	Statements int
	// Args has the arguments of Query and Exec, as they are stored. It is nil unless the pool has the
	// option WithTraceArgs.
	Args []any
	// Start is the time of Tracer.Start.
	Start time.Time

	// The following fields are set when the call has ended.

	// Duration is the time since Start. Of a query it includes the time in which the program used the
	// rows.
	Duration time.Duration
	// Rows is the number of rows that the program read, or that Exec or a batch changed.
	Rows int64
	// Committed reports whether a transaction was committed.
	Committed bool
	// Requests is the number of requests to the server, of which Repeats were sent again because the
	// server was busy, had a new place, or had closed the stream. Both include the requests that other
	// calls on the connection sent meanwhile, such as statements while rows are open, and all
	// statements of a transaction.
	Requests, Repeats int64
	// Waited is the time that writes of the connection waited meanwhile: for their turn, for the lock
	// of another process, or for a server that was busy.
	Waited time.Duration
	// Err is the error that the program gets, or nil. A few messages of SQLite repeat a part of an
	// argument: the text of a search, a path in JSON, the path of ATTACH.
	Err error

	// Explain returns the plan of a Query or Exec, a line for each step, indented by its depth
	// (EXPLAIN QUERY PLAN). It may be called in End only, and changes nothing that the program can see.
	// In SQLite it runs on the connection of the call. For a server it uses another connection, which
	// doesn't see what an open transaction has changed in the schema. The plan is made without the
	// arguments; of a dynamic statement it is the plan of the variant that ran. Explain is nil for other
	// calls, for scripts and other statements than SELECT, INSERT, UPDATE and DELETE, and for statements
	// that failed before they ran.
	Explain func() ([]string, error)
}

// An Op says what a call does.
type Op int

const (
	// Query reads rows, by QueryContext or QueryRowContext.
	Query Op = iota + 1
	// Exec runs a statement or a script, by ExecContext.
	Exec
	// Batch runs a db.Batch, or one of the calls that use one, such as db.InsertAll.
	Batch
	// Transaction lasts from BeginTx to the end of Commit or Rollback. It contains the other calls. The
	// lock is taken by its first statement.
	Transaction
	// Commit ends a transaction.
	Commit
	// Rollback ends a transaction.
	Rollback
	// Connect opens a connection, with the program's set-up of it.
	Connect
	// Close closes a connection.
	Close
	// Prepare compiles a statement for sql.Stmt.
	Prepare
	// Ping is PingContext.
	Ping
)

var opNames = [...]string{Query: "query", Exec: "exec", Batch: "batch", Transaction: "transaction", Commit: "commit", Rollback: "rollback",
	Connect: "connect", Close: "close", Prepare: "prepare", Ping: "ping"}

// String returns the name of the constant in lower case.
func (op Op) String() string {
	if op < Query || int(op) >= len(opNames) {
		return "unknown"
	}
	return opNames[op]
}
