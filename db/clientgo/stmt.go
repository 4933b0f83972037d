package clientgo

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

type stmt struct {
	conn      *conn
	statement *sqltext.Statement
}

// Check implements [engine.Stmt]. It does nothing: the client can't compile a statement
// without running it.
func (s *stmt) Check(context.Context) error { return nil }

// Query implements [engine.Stmt].
func (s *stmt) Query(ctx context.Context, args []driver.Value) (engine.Rows, error) {
	if err := s.conn.before(ctx, s.statement.Kind); err != nil {
		return nil, err
	}
	inner, err := guard(func() (driver.Rows, error) { return s.conn.inner.QueryContext(ctx, s.statement.Text, s.named(args)) })
	if err := s.conn.after(s.statement.Kind, err); err != nil {
		return nil, engine.InSearch(err, s.statement.Text)
	}
	return &rows{inner, columns(inner.Columns())}, nil
}

// Exec implements [engine.Stmt].
func (s *stmt) Exec(ctx context.Context, args []driver.Value) (done engine.Result, err error) {
	if err := s.conn.before(ctx, s.statement.Kind); err != nil {
		return done, err
	}
	inner, err := guard(func() (driver.Result, error) { return s.conn.inner.ExecContext(ctx, s.statement.Text, s.named(args)) })
	if err := s.conn.after(s.statement.Kind, err); err != nil {
		return done, engine.InSearch(err, s.statement.Text)
	}
	switch s.statement.Kind {
	case sqltext.Insert, sqltext.Change:
		done.RowsAffected, _ = inner.RowsAffected()
	}
	if s.statement.Kind == sqltext.Insert && done.RowsAffected > 0 {
		done.LastInsertID, _ = inner.LastInsertId()
		// In a transaction the stream may return the rowid of an earlier statement.
		done.NoID = s.statement.Upsert && s.conn.inTx
	}
	return done, nil
}

// Close implements [engine.Stmt].
func (s *stmt) Close() error { return nil }

// guard returns an error if call panics, as the client does on an unexpected reply.
func guard[T any](call func() (T, error)) (answer T, err error) {
	defer func() {
		if recover() != nil {
			err = errReply
		}
	}()
	return call()
}

// named adds the parameter names to the arguments.
func (s *stmt) named(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, 0, len(args))
	for i, arg := range args {
		value := driver.NamedValue{Ordinal: i + 1, Value: arg}
		if name := s.statement.Params[i]; name != "" && name[0] != '?' {
			value.Name = name[1:]
		}
		named = append(named, value)
	}
	return named
}

// rows returns values as the client converts them: columns declared datetime or timestamp as
// times. The client doesn't report declared types.
type rows struct {
	inner   driver.Rows
	columns []engine.Column
}

func columns(names []string) []engine.Column {
	columns := make([]engine.Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return columns
}

func (r *rows) Columns() []engine.Column { return r.columns }

func (r *rows) Next(values []driver.Value) error {
	return r.inner.Next(values)
}

func (r *rows) Close() error { return r.inner.Close() }
