package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/replay"
)

// A Replay makes of answers what the methods of database/sql return, so that what reads the
// rows of a batch is the program's own code. The zero Replay is ready; it isn't for several
// goroutines.
type Replay struct {
	pool *sql.DB
	// conn has all queries, open at the same time. It isn't closed: that would wait for
	// rows which the program may keep, and there is nothing to close.
	conn *sql.Conn
}

// Replayed is what a call's method returns, but for its error; a row has that too.
type Replayed struct {
	Result sql.Result
	Rows   *sql.Rows
	Row    *sql.Row
}

// Answer returns what a call's method does that has this answer, or err. Rows have a context
// that never ends.
func (r *Replay) Answer(kind CallKind, a *Answer, err error) (Replayed, error) {
	switch {
	case kind == QueryRow:
		return Replayed{Row: r.queries().QueryRowContext(a.context(err), "")}, err
	case err != nil:
		return Replayed{}, err
	case kind == Query:
		rows, err := r.queries().QueryContext(a.context(nil), "")
		return Replayed{Rows: rows}, err
	default:
		return Replayed{Result: result{a.reply.Result}}, nil
	}
}

func (r *Replay) queries() *sql.Conn {
	if r.conn == nil {
		r.pool = replay.Open()
		r.conn, _ = r.pool.Conn(context.Background()) // there is nothing to fail
	}
	return r.conn
}

// Close ends it. Rows go on.
func (r *Replay) Close() {
	if r.pool != nil {
		_ = r.pool.Close()
	}
}

// FailedRow returns a row of which there is only an error.
func FailedRow(err error) *sql.Row {
	var r Replay
	defer r.Close()
	row, _ := r.Answer(QueryRow, nil, err)
	return row.Row
}

// context returns the context of a query in package replay that has this answer, or err.
func (a *Answer) context(err error) context.Context {
	if err != nil {
		return replay.Answer(context.Background(), nil, err)
	}
	return replay.Answer(context.Background(), &replayRows{a.reply.Rows, a.shape}, nil)
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
// its errors. Calls of a batch do it with the 2 kB of stack that a goroutine begins with, so
// what is rare has functions of its own: their variables aren't on the stack of the others.
func Args(args []any) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i := range args {
		values[i].Ordinal = i + 1
		if err := setArg(&values[i], args[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func setArg(value *driver.NamedValue, arg any) (err error) {
	if named, ok := arg.(sql.NamedArg); ok {
		if err := setName(value, named.Name); err != nil {
			return err
		}
		arg = named.Value
	}
	if value.Value, err = Storable(arg); err != nil {
		return argError(value, err)
	}
	return nil
}

func setName(value *driver.NamedValue, name string) error {
	if first, _ := utf8.DecodeRuneInString(name); name != "" && !unicode.IsLetter(first) {
		return fmt.Errorf("name %q does not begin with a letter", name)
	}
	value.Name = name
	return nil
}

func argError(value *driver.NamedValue, err error) error {
	return fmt.Errorf("sql: converting argument %s type: %w", describe(value), err)
}

func describe(value *driver.NamedValue) string {
	if value.Name != "" {
		return fmt.Sprintf("with name %q", value.Name)
	}
	return fmt.Sprintf("$%d", value.Ordinal)
}
