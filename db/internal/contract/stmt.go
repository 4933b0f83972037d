package contract

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
)

// A stmt is a prepared statement: a text that its connection has compiled before.
type stmt struct {
	conn  *conn
	query string
}

var (
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

// Close does nothing: the compiled form belongs to the connection's cache.
func (s *stmt) Close() error { return nil }

// NumInput returns -1, so that database/sql doesn't count the arguments. bind counts them, and
// has the same errors for texts that aren't prepared.
func (s *stmt) NumInput() int { return -1 }

// CheckNamedValue is the connection's, for wrappers that look for it here alone.
func (s *stmt) CheckNamedValue(arg *driver.NamedValue) error { return s.conn.CheckNamedValue(arg) }

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), namedValues(args))
}

func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), namedValues(args))
}

func namedValues(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return named
}

type result struct {
	done engine.Result
}

func (r result) RowsAffected() (int64, error) { return r.done.RowsAffected, nil }

func (r result) LastInsertId() (int64, error) {
	if r.done.NoID {
		return 0, errors.New("LastInsertId: the engine doesn't report whether this statement inserted or updated; use RETURNING")
	}
	return r.done.LastInsertID, nil
}
