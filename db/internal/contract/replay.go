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

// Query returns the context of a query in package replay that has this answer, or fails
// with err. It never ends.
func (a *Answer) Query(err error) context.Context {
	if err != nil {
		return replay.Answer(context.Background(), nil, err)
	}
	return replay.Answer(context.Background(), &replayRows{a.reply.Rows, a.shape}, nil)
}

// ExecResult returns the answer to what isn't a query.
func (a *Answer) ExecResult() sql.Result { return result{a.reply.Result} }

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
