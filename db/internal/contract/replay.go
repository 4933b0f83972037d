package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// NewReplay returns a pool without a database: a query on it, whatever its text, with a
// context of [Answered], has that answer. So what reads the rows of a batch is the
// program's own code, on the rows of database/sql.
func NewReplay() *sql.DB {
	return sql.OpenDB(replayConnector{})
}

// Answered returns the context of a query that is answered by this, or fails with err. It
// never ends.
func Answered(answer *Answer, err error) context.Context {
	return answered{context.Background(), answer, err}
}

type answered struct {
	context.Context
	answer *Answer
	err    error
}

type answeredKey struct{}

func (a answered) Value(key any) any {
	if key == (answeredKey{}) {
		return a
	}
	return nil
}

// ExecResult returns the answer to what isn't a query.
func (a *Answer) ExecResult() sql.Result { return result{a.reply.Result} }

type replayConnector struct{}

func (replayConnector) Connect(context.Context) (driver.Conn, error) { return replayConn{}, nil }

func (replayConnector) Driver() driver.Driver { return nil }

// replayConn can answer queries and nothing else.
type replayConn struct{}

var _ driver.QueryerContext = replayConn{}

var errReplayOnly = errors.New("a call of a batch runs a statement, and nothing else")

func (replayConn) Prepare(string) (driver.Stmt, error) { return nil, errReplayOnly }

func (replayConn) Begin() (driver.Tx, error) { return nil, errReplayOnly }

func (replayConn) Close() error { return nil }

func (replayConn) QueryContext(ctx context.Context, _ string, _ []driver.NamedValue) (driver.Rows, error) {
	a, ok := ctx.Value(answeredKey{}).(answered)
	switch {
	case !ok:
		return nil, errReplayOnly
	case a.err != nil:
		return nil, a.err
	}
	return &replayRows{a.answer.reply.Rows, a.answer.shape}, nil
}

// replayRows are the rows of an answer.
type replayRows struct {
	inner engine.Rows
	shape *shape
}

func (r *replayRows) Columns() []string { return slices.Clone(r.shape.names) }

func (r *replayRows) Next(values []driver.Value) error {
	err := r.inner.Next(values)
	if err == nil {
		r.shape.convert(values)
	}
	return err
}

func (r *replayRows) Close() error { return r.inner.Close() }

func (r *replayRows) ColumnTypeDatabaseTypeName(i int) string { return r.shape.databaseType(i) }

func (r *replayRows) ColumnTypeScanType(i int) reflect.Type { return scanType(r.shape.databaseType(i)) }

// Args makes of a call's arguments what database/sql makes of them on a connection, with
// its errors.
func Args(args []any) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		value := &values[i]
		*value = driver.NamedValue{Ordinal: i + 1, Value: arg}
		if named, ok := arg.(sql.NamedArg); ok {
			if first, _ := utf8.DecodeRuneInString(named.Name); named.Name != "" && !unicode.IsLetter(first) {
				return nil, fmt.Errorf("name %q does not begin with a letter", named.Name)
			}
			value.Name, value.Value = named.Name, named.Value
		}
		if err := checkNamedValue(value); err != nil {
			return nil, fmt.Errorf("sql: converting argument %s type: %w", describe(value), err)
		}
	}
	return values, nil
}

func describe(value *driver.NamedValue) string {
	if value.Name != "" {
		return fmt.Sprintf("with name %q", value.Name)
	}
	return fmt.Sprintf("$%d", value.Ordinal)
}
