// Package replay answers queries of database/sql with rows that already exist, so that
// generated code reads them as it reads rows of a database.
package replay

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// Open returns a pool without a database. A query on it, with any text, returns the rows in
// its context; see [Answer].
func Open() *sql.DB {
	return sql.OpenDB(connector{})
}

// Answer returns the context for a query that returns rows, or fails with err.
func Answer(parent context.Context, rows driver.Rows, err error) context.Context {
	return answered{parent, rows, err}
}

type answered struct {
	context.Context
	rows driver.Rows
	err  error
}

type answeredKey struct{}

func (a answered) Value(key any) any {
	if key == (answeredKey{}) {
		return a
	}
	return a.Context.Value(key)
}

type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return conn{}, nil }

func (connector) Driver() driver.Driver { return nil }

// conn answers queries and does nothing else.
type conn struct{}

var _ driver.QueryerContext = conn{}

var errQueriesOnly = errors.New("a replay has the answer to a query, and nothing else")

func (conn) Prepare(string) (driver.Stmt, error) { return nil, errQueriesOnly }

func (conn) Begin() (driver.Tx, error) { return nil, errQueriesOnly }

func (conn) Close() error { return nil }

func (conn) QueryContext(ctx context.Context, _ string, _ []driver.NamedValue) (driver.Rows, error) {
	a, ok := ctx.Value(answeredKey{}).(answered)
	if !ok {
		return nil, errQueriesOnly
	}
	return a.rows, a.err
}
