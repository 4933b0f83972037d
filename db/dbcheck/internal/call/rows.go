package call

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/internal/replay"
)

// A Field is the destination of one column of a method's rows.
type Field struct {
	Name  string // with the struct's, for an embedded one: "Tag.ID"
	Base  string // without
	Type  reflect.Type
	index []int // nil if the row itself is it
	Embed bool
}

// RowType returns the type of the rows that the method returns, or nil.
func (m *Method) RowType(cmd string) reflect.Type {
	t := m.fn.Type()
	if t.NumOut() == 0 {
		return nil
	}
	out := t.Out(0)
	switch {
	case isIterator(out):
		return out.In(0).In(0)
	case cmd == ":one" && t.NumOut() == 2:
		return out
	case cmd == ":many" && out.Kind() == reflect.Slice:
		return out.Elem()
	}
	return nil
}

// FieldsOf returns the fields of a row, in the order in which sqlc scans into them.
func FieldsOf(t reflect.Type) []Field {
	if t.Kind() == reflect.Pointer && isRow(t.Elem()) {
		t = t.Elem()
	}
	if !isRow(t) {
		return []Field{{Type: t}}
	}
	var fields []Field
	for i := range t.NumField() {
		f := t.Field(i)
		if !isRow(f.Type) {
			fields = append(fields, Field{f.Name, f.Name, f.Type, []int{i}, false})
			continue
		}
		for _, inner := range FieldsOf(f.Type) {
			inner.Name, inner.index, inner.Embed = f.Name+"."+inner.Name, append([]int{i}, inner.index...), true
			fields = append(fields, inner)
		}
	}
	return fields
}

// isRow reports whether a type is a row, and not one column's value.
func isRow(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() || t.NumField() == 0 ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]()) || t.Implements(reflect.TypeFor[driver.Valuer]()) {
		return false
	}
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return false
		}
	}
	return true
}

// Get returns the field of a row.
func (f Field) Get(row reflect.Value) reflect.Value {
	if f.index == nil {
		return row
	}
	return reflect.Indirect(row).FieldByIndex(f.index)
}

// ScanInto scans a driver's value as a method does.
func (t *Tap) ScanInto(dest reflect.Type, v any) (reflect.Value, error) {
	out := reflect.New(dest)
	row := &replayRows{&Answer{Columns: []string{"v"}, Rows: [][]any{{v}}}, 0}
	err := t.Replay.QueryRowContext(replay.Answer(context.Background(), row, nil), "").Scan(out.Interface())
	return out.Elem(), err
}

// Kept reports whether a field has the value that the driver gave. It is true for types that an
// override chose, as only they know how they change a value.
func Kept(v any, f reflect.Value) bool {
	if v == nil || !value.IsBuiltin(f.Type()) {
		return true
	}
	got, _ := value.DriverValue(f.Interface())
	was, wasText := textOf(v)
	if is, isText := textOf(got); wasText && isText {
		return was == is
	}
	switch v := v.(type) {
	case int64:
		switch got := got.(type) {
		case int64:
			return got == v
		case float64:
			return got == float64(v) && int64(got) == v
		}
	case float64:
		switch got := got.(type) {
		case int64:
			return float64(got) == v
		case float64:
			return got == v
		}
	}
	return true
}

// textOf returns the text of a string or of bytes.
func textOf(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

// An Answer is the outcome of a statement: rows, or a result.
type Answer struct {
	Columns  []string
	Declared []string // the type of a plain column, "" for an expression
	Rows     [][]any  // values as the driver had them
	result   sql.Result
}

// A Tap is the DBTX of a generated method: it passes each statement to Run, and the answer
// to the method. Rows come from a driver that only repeats them, so that the method's
// own Scan sees exactly the values that the answer has.
type Tap struct {
	Replay *sql.DB
	Run    func(ctx context.Context, query string, args []any) (*Answer, error)
}

func (t *Tap) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	a, err := t.Run(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return a.result, nil
}

func (t *Tap) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Replay.QueryContext(t.answer(ctx, query, args), query)
}

func (t *Tap) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Replay.QueryRowContext(t.answer(ctx, query, args), query)
}

// answer returns the context in which Replay answers the query as Run does.
func (t *Tap) answer(ctx context.Context, query string, args []any) context.Context {
	a, err := t.Run(ctx, query, args)
	return replay.Answer(ctx, &replayRows{a, 0}, err)
}

func (t *Tap) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errors.New("a generated method prepares its statement itself")
}

type replayRows struct {
	answer *Answer
	next   int
}

func (r *replayRows) Columns() []string { return r.answer.Columns }
func (r *replayRows) Close() error      { return nil }

func (r *replayRows) Next(dest []driver.Value) error {
	if r.next == len(r.answer.Rows) {
		return io.EOF
	}
	for i, value := range r.answer.Rows[r.next] {
		if b, ok := value.([]byte); ok {
			value = append([]byte{}, b...) // a Scan may keep it
		}
		dest[i] = value
	}
	r.next++
	return nil
}
