// Package replay answers queries of database/sql with rows that are there already, so that
// the code which reads them, that of sqlc, runs as it does on a database.
package replay

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// Open returns a pool without a database: a query on it, whatever its text, has the answer
// of its context; see [Answer].
func Open() *sql.DB {
	return sql.OpenDB(connector{})
}

// Answer returns the context of a query that has these rows, or fails with err.
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

// conn can answer queries and nothing else.
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
