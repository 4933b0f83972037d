package contract

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/db/internal/engine"
)

type rows struct {
	inner    engine.Rows
	ctx      context.Context // the query's
	conn     *conn
	compiled *compiled
	shape    *shape
	atEnd    bool
}

var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

func newRows(ctx context.Context, c *conn, s *compiled, inner engine.Rows) *rows {
	s.shape.fit(inner.Columns())
	return &rows{inner: inner, ctx: ctx, conn: c, compiled: s, shape: &s.shape}
}

// Columns returns a copy: database/sql hands it on to the program.
func (r *rows) Columns() []string { return slices.Clone(r.shape.names) }

func (r *rows) Next(values []driver.Value) error {
	r.conn.busy.Lock()
	defer r.conn.busy.Unlock()
	err := r.inner.Next(values)
	if err != nil {
		r.atEnd = true
		if err == io.EOF {
			return err
		}
		return r.conn.ended(r.ctx, err)
	}
	r.shape.convert(values)
	return nil
}

// Close ends the query. In a transaction, one that its context ended before all rows
// were read is as good as interrupted, wherever the engine was with it.
func (r *rows) Close() error {
	r.conn.busy.Lock()
	defer r.conn.busy.Unlock()
	if r.compiled == nil {
		return nil
	}
	err := r.inner.Close()
	if err == nil && !r.atEnd && (r.conn.tx == txOpen || r.conn.raw) {
		err = r.ctx.Err()
	}
	err = r.conn.ended(r.ctx, err)
	r.conn.cache.giveBack(r.compiled)
	r.compiled = nil
	return err
}

func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.shape.databaseType(i) }

func (r *rows) ColumnTypeScanType(i int) reflect.Type { return scanType(r.shape.databaseType(i)) }

// shape is what the contract knows of a statement's columns. It stays with the
// compiled statement, since the engine says the same of them each time.
type shape struct {
	columns []engine.Column
	names   []string
	times   []int // the columns declared as times
}

// fit takes the columns over, if they aren't those of the last time.
func (s *shape) fit(columns []engine.Column) {
	if s.fits(columns) {
		return
	}
	*s = shape{columns: columns, names: make([]string, len(columns))}
	for i, column := range columns {
		s.names[i] = column.Name
		if isTime(column.Declared) {
			s.times = append(s.times, i)
		}
	}
}

// fits reports whether it is these columns that the shape was made of.
func (s *shape) fits(columns []engine.Column) bool {
	return len(columns) == len(s.columns) && (len(columns) == 0 || &columns[0] == &s.columns[0])
}

// databaseType returns the declared type of a column, without its length.
func (s *shape) databaseType(i int) string {
	return strings.ToUpper(baseType(s.columns[i].Declared))
}

// convert makes times of the texts in the columns that are declared as such.
func (s *shape) convert(values []driver.Value) {
	for _, i := range s.times {
		if text, ok := values[i].(string); ok {
			if t, ok := dbtype.ParseTime(text); ok {
				values[i] = t
			}
		}
	}
}

// baseType returns a declared type without its length: VARCHAR of VARCHAR(20).
func baseType(declared string) string {
	base, _, _ := strings.Cut(declared, "(")
	return strings.TrimSpace(base)
}

// isTime reports whether a column of the declared type holds times.
func isTime(declared string) bool {
	if len(declared) < len("DATE") || declared[0]|0x20 != 'd' && declared[0]|0x20 != 't' {
		return false // most columns
	}
	switch strings.ToUpper(baseType(declared)) {
	case "DATE", "DATETIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE":
		return true
	default:
		return false
	}
}

// scanType returns the Go type of a column's values, by the rules with which SQLite
// finds a column's affinity. https://sqlite.org/datatype3.html#determination_of_column_affinity
func scanType(declared string) reflect.Type {
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(declared, part) {
				return true
			}
		}
		return false
	}
	switch {
	case declared == "" || declared == "ANY":
		return reflect.TypeFor[any]()
	case isTime(declared):
		return reflect.TypeFor[time.Time]()
	case declared == "BOOL" || declared == "BOOLEAN":
		return reflect.TypeFor[bool]()
	case has("INT"):
		return reflect.TypeFor[int64]()
	case has("CHAR", "CLOB", "TEXT", "JSON"):
		return reflect.TypeFor[string]()
	case has("BLOB"):
		return reflect.TypeFor[[]byte]()
	case has("REAL", "FLOA", "DOUB"):
		return reflect.TypeFor[float64]()
	default:
		return reflect.TypeFor[any]()
	}
}
