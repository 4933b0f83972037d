package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/replay"
)

// A Replay converts answers to the results of database/sql's methods, so that the program's
// own code reads the rows of a batch. The zero Replay is ready to use. It is not safe for
// concurrent use.
type Replay struct {
	pool *sql.DB
	// conn runs all queries, whose rows are open at the same time. It isn't closed, since
	// Close would wait for rows that the program may retain. It holds no resources.
	conn *sql.Conn
}

// Replayed is the result of a call's method. Row includes its error.
type Replayed struct {
	Result sql.Result
	Rows   *sql.Rows
	Row    *sql.Row
}

// Answer returns the result of a call's method from its answer or err. The context of rows
// never ends.
func (r *Replay) Answer(kind CallKind, a *Answer, err error) (Replayed, error) {
	switch {
	case kind == QueryRow && errors.Is(err, driver.ErrBadConn): // ErrBadConn would close conn, which other rows use
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
		r.conn, _ = r.pool.Conn(context.Background()) // can't fail
	}
	return r.conn
}

// Close closes the pool. Open rows remain valid.
func (r *Replay) Close() {
	if r.pool != nil {
		_ = r.pool.Close()
	}
}

// FailedRow returns a row whose Scan fails with err.
func FailedRow(err error) *sql.Row {
	var r Replay
	defer r.Close()
	var none *Answer
	return r.queries().QueryRowContext(none.context(err), "")
}

// context returns the context for a query of package replay that returns the answer or err.
func (a *Answer) context(err error) context.Context {
	if err != nil {
		return replay.Answer(context.Background(), nil, err)
	}
	return replay.Answer(context.Background(), &replayRows{cells{shape: a.shape, inner: a.reply.Rows}}, nil)
}

// replayRows are the rows of an answer.
type replayRows struct{ cells }

func (r *replayRows) Columns() []string { return slices.Clone(r.shape.names) }

func (r *replayRows) Next(values []driver.Value) error {
	err := r.inner.Next(values)
	if err == nil {
		r.shape.convert(values)
	}
	return err
}

func (r *replayRows) Close() error { return r.inner.Close() }

// Args converts a call's arguments as database/sql does on a connection, with the same errors.
// names has the names of named arguments; it is nil if no argument has a name. Calls of a
// batch run Args on a goroutine's initial stack of 2 kB, so rare cases are separate functions:
// their variables don't enlarge the stack frame.
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

// bind returns a call's arguments in the order of the parameters.
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

// inOrder reports whether the parameters take n arguments in order.
func inOrder(params []string, n int) bool {
	for i, param := range params {
		if ordinal, err := ordinalOf(param, i+1); err != nil || ordinal != i+1 {
			return false
		}
	}
	return len(params) == n
}
