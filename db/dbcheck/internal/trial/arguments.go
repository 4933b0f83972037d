package trial

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/internal/sqltext"
)

// A drawer makes arguments for a method: from the rows of the database, so that they match
// some, and from values that queries are often given.
type drawer struct {
	tap     *call.Tap
	samples value.Samples
	rand    *rand.Rand
	state   *state
	read    bool // the statement only reads
	// tables are the tables that the statement names and that have rows, parents first.
	tables []*Table
	// roles has the use of each argument in the statement.
	roles []role
	// cache has the candidates for each argument.
	cache map[int][]reflect.Value
}

// A role is the use of an argument.
type role struct {
	column string // that it is compared with, or ""
	// off is a constant that it is compared with, or nil: @status = '' OR status = @status.
	off any
	// usual are values that such a place is often given, or nil.
	usual []any
	// json: it is a list in JSON, of objects with these keys if there are some.
	json bool
	keys []string
}

// newDrawer returns a drawer for a method's arguments.
func (d *Databases) newDrawer(b *call.Binding, s *state, seed uint64, stream uint64) *drawer {
	w := &drawer{
		tap: d.Tap, samples: d.Samples, rand: rand.New(rand.NewPCG(seed, stream)), state: s,
		read:  reads(b.Flow.Text),
		roles: make([]role, len(b.Method.Args)), cache: map[int][]reflect.Value{},
	}
	for _, t := range d.Tables {
		if s.rows[t.Name] != nil && b.Query.Contains(t.Name) {
			w.tables = append(w.tables, t)
		}
	}
	for i, arg := range b.Places() {
		w.roles[arg].add(b.Query.Parts, i)
	}
	return w
}

// reads reports whether a text is one statement that only reads.
func reads(text string) bool {
	statements := sqltext.Split(text)
	return len(statements) == 1 && statements[0].Kind == sqltext.Read
}

// add adds the use of an argument at i.
func (r *role) add(parts []source.Part, i int) {
	if name, _ := source.ComparedWith(parts, i); name != "" {
		r.column = name
	}
	if values := source.ValuesOf(source.At(parts, i+2).Text); source.At(parts, i+1).Text == "=" && r.off == nil && len(values) > 0 {
		r.off = values[len(values)/2] // the number itself
	}
	if keys, ok := payloadKeys(parts, i); ok {
		r.json, r.keys = true, keys
	}
	switch strings.ToLower(source.At(parts, i-1).Text) {
	case "limit":
		r.usual = []any{int64(100), int64(1)}
	case "offset":
		r.usual = []any{int64(0)}
	case "like":
		r.usual = []any{"%", "%a%"}
	case "glob":
		r.usual = []any{"*", "*a*"}
	case "|": // a part of a pattern
		r.usual = []any{"", "a"}
	}
}

// paths are the paths in the JSON of a filled table.
var paths = []string{"$.a", "$.lang", "$[0]", "$"}

// values draws values for each argument of a method. Each argument that can be NULL, or is compared with a
// constant, may be a filter that the program leaves out. So all of them are left out except one, or none is, or
// each by chance.
func (d *drawer) values(m *call.Method) []call.Given {
	rows := d.matchingRows()
	values := make([]call.Given, len(m.Args))
	some, only := d.rand.IntN(3), d.rand.IntN(max(1, len(m.Args)))
	for i, l := range m.Args {
		out := some == 0 && i != only || some == 2 && d.rand.IntN(3) == 0
		n := 1
		if l.Slice {
			n = d.rand.IntN(4)
		}
		for range n {
			v, ok := d.leftOut(i, l)
			if l.Slice || !out || !ok {
				v = d.value(i, l, rows)
			}
			values[i] = append(values[i], v)
		}
	}
	return values
}

// leftOut returns the value with which the program leaves out a filter, if there is one.
func (d *drawer) leftOut(i int, l call.Argument) (reflect.Value, bool) {
	if off := d.roles[i].off; off != nil {
		v, err := d.tap.ScanInto(l.Type, off)
		return v, err == nil
	}
	return reflect.Zero(l.Type), value.CanBeNull(l.Type)
}

// A tableRow is a row of a table.
type tableRow struct {
	*call.Answer
	row []any
}

// matchingRows draws a row of each table of the statement, so that arguments can fit together. A row
// of a child belongs to the row of its parent if there is such a row.
func (d *drawer) matchingRows() []tableRow {
	if len(d.tables) == 0 {
		return d.anyRow()
	}
	var drawn []tableRow
	of := map[string]tableRow{}
	for _, t := range d.tables {
		a := d.state.rows[t.Name]
		fitting := slices.DeleteFunc(slices.Clone(a.Rows), func(row []any) bool { return !fits(t, a, row, of) })
		if len(fitting) == 0 {
			fitting = a.Rows
		}
		r := tableRow{a, fitting[d.rand.IntN(len(fitting))]}
		of[strings.ToLower(t.Name)] = r
		drawn = append(drawn, r)
	}
	d.rand.Shuffle(len(drawn), func(i, k int) { drawn[i], drawn[k] = drawn[k], drawn[i] })
	return drawn
}

// anyRow draws a row of the database.
func (d *drawer) anyRow() []tableRow {
	names := slices.Sorted(maps.Keys(d.state.rows))
	if len(names) == 0 {
		return nil
	}
	a := d.state.rows[names[d.rand.IntN(len(names))]]
	return []tableRow{{a, a.Rows[d.rand.IntN(len(a.Rows))]}}
}

// fits reports whether a row of a table refers to the rows of its parents that were drawn.
func fits(t *Table, a *call.Answer, row []any, of map[string]tableRow) bool {
	for _, c := range t.Columns {
		parent, drawn := of[strings.ToLower(c.parent)]
		if !drawn {
			continue
		}
		if want, ok := parent.get(cmp.Or(c.parentTo, "id")); ok { // which it nearly always is
			if got, ok := (tableRow{a, row}).get(c.Name); ok && !reflect.DeepEqual(got, want) {
				return false
			}
		}
	}
	return true
}

// get returns the value of a column.
func (r tableRow) get(column string) (any, bool) {
	for k, name := range r.Columns {
		if source.Plain(name) == source.Plain(column) {
			return r.row[k], true
		}
	}
	return nil, false
}

func (d *drawer) value(i int, l call.Argument, rows []tableRow) reflect.Value {
	if d.roles[i].json && l.Type.Kind() == reflect.String && d.rand.IntN(2) == 0 {
		return reflect.ValueOf(d.payload(l, d.roles[i].keys, rows)).Convert(l.Type)
	}
	if d.rand.IntN(3) > 0 {
		if v, ok := d.fromRows(i, l, rows); ok {
			return v
		}
	}
	if strings.Contains(source.Plain(l.Name), "path") && l.Type.Kind() == reflect.String && d.rand.IntN(2) == 0 {
		return reflect.ValueOf(paths[d.rand.IntN(len(paths))]).Convert(l.Type)
	}
	if fitting := d.convert(l, d.roles[i].usual); len(fitting) > 0 && d.rand.IntN(2) == 0 {
		return fitting[d.rand.IntN(len(fitting))]
	}
	candidates := d.candidates(i, l)
	if len(candidates) == 0 {
		v, _ := d.samples.Of(l.Type, 0)
		return v
	}
	return candidates[d.rand.IntN(len(candidates))]
}

// fromRows returns the value of the column that has the argument's name, or that it is compared with.
func (d *drawer) fromRows(i int, l call.Argument, rows []tableRow) (reflect.Value, bool) {
	names := []string{l.Name, d.roles[i].column}
	if l.Slice {
		names = append(names, strings.TrimSuffix(l.Name, "s"))
	}
	for _, name := range names {
		for _, r := range rows {
			stored, ok := r.get(name)
			if !ok || name == "" {
				continue
			}
			if v, err := d.tap.ScanInto(l.Type, stored); err == nil {
				return v, true
			}
		}
	}
	return reflect.Value{}, false
}
