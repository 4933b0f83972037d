package trial

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
)

const (
	// draws is how often a method is called in each state.
	draws = 16
	// moreDraws is how often a method without a row is called again.
	moreDraws = 300
	// runLimit bounds one run: a recursive query with the wrong argument doesn't end.
	runLimit = 2 * time.Second
)

// A witness calls a method, and observes the rows that it returns.
type witness struct {
	*Databases
	*call.Binding
	reads bool
	// last is the statement's last answer, and sent the arguments that it had.
	last *call.Answer
	sent []any
	seen *Seen
	// reported has the subjects and columns that were observed.
	reported map[subjectColumn]bool
}

// Watch calls the method in each state with many arguments. It returns nil for a method that
// returns no rows. The statement runs in SQLite, and the method reads its answer again from memory.
// An error of the method after an answer is therefore an error of its Scan, and the value that it
// couldn't read is known.
func (d *Databases) Watch(b *call.Binding) *Seen {
	row := b.Method.RowType(b.Query.Cmd)
	if row == nil {
		return nil
	}
	w := &witness{Databases: d, Binding: b, reads: reads(b.Flow.Text), reported: map[subjectColumn]bool{}}
	w.seen = &Seen{Fields: call.FieldsOf(row), Values: map[int]any{}}
	if a := d.tryOnce(b.Method); a != nil {
		w.seen.Columns = a.Columns
		if w.order(); len(w.seen.Observations) > 0 {
			return w.seen
		}
	}
	goOn := true
	for i, s := range d.states {
		if goOn && d.concerns(s, b.Flow.Text) {
			goOn = w.in(uint64(i), s, draws)
		}
	}
	if goOn && !w.seen.AnyRow {
		w.inMore()
	}
	if w.seen.Columns != nil && len(w.seen.Observations) == 0 {
		w.order()
	}
	return w.seen
}

// inMore calls the method in further states until it returns a row.
func (w *witness) inMore() {
	more, err := w.moreStates()
	if err != nil {
		return // which Fill would have reported
	}
	for i, s := range append([]*state{w.states[fullState], w.states[nullState]}, more...) {
		if w.seen.AnyRow || !w.in(uint64(len(w.states)+i), s, moreDraws) {
			return
		}
	}
}

// concerns reports whether a statement can depend on the empty tables of the state: it names
// one of them, or a view, which may read them.
func (d *Databases) concerns(s *state, text string) bool {
	if !s.each {
		return true
	}
	text = strings.ToLower(text)
	names := func(name string) bool { return strings.Contains(text, strings.ToLower(name)) }
	return slices.ContainsFunc(s.empty, names) ||
		slices.ContainsFunc(d.objects, func(o Object) bool { return o.Kind == "view" && names(o.Name) })
}

// in calls the method in one state n times. It reports whether other states are worth trying.
func (w *witness) in(seed uint64, s *state, n int) bool {
	d := w.newDrawer(w.Binding, s, 2, seed)
	if len(w.Method.Args) == 0 {
		n = 1
	}
	for range n {
		if err := w.run(s, d.values(w.Method)); errors.Is(err, context.DeadlineExceeded) {
			return false
		}
		if n == moreDraws && w.seen.AnyRow {
			break
		}
	}
	return true
}

// run calls the method once, and rolls its writes back.
func (w *witness) run(s *state, values []call.Given) error {
	return s.try(w.ctx, w.reads, func(ctx context.Context, tx *sql.Tx) error {
		var ran error
		w.last = nil
		w.Tap.Run = func(_ context.Context, text string, args []any) (*call.Answer, error) {
			w.sent = args
			w.last, ran = readRows(ctx, tx, text, args...)
			return w.last, ran
		}
		result, err := w.Method.Call(ctx, values)
		if ran != nil || w.last == nil {
			return ran // the arguments aren't right for the query
		}
		w.seen.Columns = w.last.Columns
		w.seen.AnyRow = w.seen.AnyRow || err == nil && len(w.last.Rows) > 0
		if !errors.Is(err, sql.ErrNoRows) {
			w.judge(s, result, err)
		}
		return nil
	})
}

// Seen has everything that was observed about the rows of a method.
type Seen struct {
	Fields []call.Field
	// Columns are the names of the statement's columns.
	Columns      []string
	AnyRow       bool // a row came back
	Observations []Observation
	Values       map[int]any // a value of each column that isn't NULL
}

// An Observation is one mistake that was seen.
type Observation struct {
	Kind   Kind
	Column int
	Value  any           // of the column, as the driver had it
	Got    reflect.Value // the value that the method returned, for OtherValue
	Table  string        // the embedded struct, for NullTable
	Other  int           // the field, for OtherField and MisnamedColumn
	Count  int           // of columns, for ColumnCount
	Err    error         // for UnreadableRows
	State  string        // in which it was seen, as a message names it: "no rows in posts"
}

// A Kind is a kind of observation.
type Kind int

const (
	// ColumnCount: the statement has another number of columns than the method reads.
	ColumnCount Kind = iota
	// OtherField: a column comes back in the field of another one.
	OtherField
	// MisnamedColumn: a column has the name of another column's field.
	MisnamedColumn
	// NullColumn: a column is NULL, which its field can't hold.
	NullColumn
	// NullTable: all columns of an embedded struct are NULL.
	NullTable
	// UnreadableValue: a field can't hold the value of its column.
	UnreadableValue
	// UnreadableRows: the rows can't be read.
	UnreadableRows
	// OtherValue: a field has another value than its column.
	OtherValue
)

// subjects says which kinds are about the same thing: each column is observed once for it.
var subjects = map[Kind]int{
	ColumnCount: 0, OtherField: 0, MisnamedColumn: 0, NullColumn: 1, NullTable: 1, UnreadableValue: 2, UnreadableRows: 2, OtherValue: 3,
}

type subjectColumn struct {
	subject int
	column  string
}
