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
	case kind == QueryRow && errors.Is(err, driver.ErrBadConn): // which would end the connection of all
		return Replayed{Row: FailedRow(err)}, err
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
	var none *Answer
	return r.queries().QueryRowContext(none.context(err), "")
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

func (r *replayRows) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

func (r *replayRows) ColumnTypeLength(i int) (int64, bool) {
	return lengthOf(r.shape.columns[i].Declared)
}

func (r *replayRows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	return decimalSizeOf(r.shape.columns[i].Declared)
}

// Args makes of a call's arguments what database/sql makes of them on a connection, with
// its errors. Names has those of arguments that have one; it is nil if none has. Calls of a
// batch do this with the 2 kB of stack that a goroutine begins with, so what is rare has
// functions of its own: their variables aren't on the stack of the others.
func Args(args []any) (values []driver.Value, names []string, err error) {
	values = make([]driver.Value, len(args))
	for i, arg := range args {
		if named, ok := arg.(sql.NamedArg); ok {
			if names, err = addName(names, args, i, named.Name); err != nil {
				return nil, nil, err
			}
			arg = named.Value
		}
		if values[i], err = Storable(arg); err != nil {
			return nil, nil, argError(args, i, err)
		}
	}
	return values, names, nil
}

func addName(names []string, args []any, i int, name string) ([]string, error) {
	if first, _ := utf8.DecodeRuneInString(name); name != "" && !unicode.IsLetter(first) {
		return nil, fmt.Errorf("name %q does not begin with a letter", name)
	}
	if names == nil {
		names = make([]string, len(args))
	}
	names[i] = name
	return names, nil
}

func argError(args []any, i int, err error) error {
	place := fmt.Sprintf("$%d", i+1)
	if named, ok := args[i].(sql.NamedArg); ok && named.Name != "" {
		place = fmt.Sprintf("with name %q", named.Name)
	}
	return fmt.Errorf("sql: converting argument %s type: %w", place, err)
}

// bind returns a call's arguments in the order of the parameters, which is most often theirs.
func (c *Call) bind(params []string) ([]driver.Value, error) {
	if c.Names == nil && inOrder(params, len(c.Args)) {
		return c.Args, nil
	}
	args := namedValues(c.Args)
	for i, name := range c.Names {
		args[i].Name = name
	}
	return bind(nil, params, args)
}

// inOrder reports whether the parameters take n arguments, one after the other.
func inOrder(params []string, n int) bool {
	for i, param := range params {
		if ordinal, err := ordinalOf(param, i+1); err != nil || ordinal != i+1 {
			return false
		}
	}
	return len(params) == n
}
