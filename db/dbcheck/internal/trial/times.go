package trial

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/dbtype"
)

// A columnOf is a column of a table.
type columnOf struct{ table, column string }

// A timesTrial finds columns that SQL stores a time in one form, and Go sends it in another:
// SQLite compares texts, so the same time isn't equal. It observes which
// form is stored, which argument is written there, and whether the answer of a query changes with
// the form alone.
type timesTrial struct {
	*Databases
	bindings []*call.Binding
	bySQL    map[columnOf]sqlTime
	byGo     map[columnOf][]goTime
	state    *state
	before   map[columnOf]map[string]bool // the texts that the state has
	found    []Clash
}

// A sqlTime is a form in which SQL stores times in a column.
type sqlTime struct{ layout, by string }

// A goTime is an argument that is stored as it is.
type goTime struct {
	*call.Binding
	arg int
}

// A Clash is a column with times in two forms.
type Clash struct {
	// Binding is the method that sends or compares a time, and Place the place in its query.
	Binding       *call.Binding
	Place         source.Part
	Table, Column string
	// Type is the type of the argument, Made a time as it is sent, and Stored the same time as
	// SQL stores it.
	Type         reflect.Type
	Made, Stored string
	// Layout is SQL's form, and By names the SQL that stores it: "its DEFAULT".
	Layout, By string
	// Written: the column gets both forms. Otherwise the outcomes differ by the form alone.
	Written   bool
	Different [2]Outcome
	// Writer is set if the column is compared with a day: the name of the query that stores times there.
	Writer string
}

// Times returns the places in which two forms of a time meet.
func (d *Databases) Times(bindings []*call.Binding) ([]Clash, error) {
	if !slices.ContainsFunc(bindings, takesTime) {
		return nil, nil
	}
	r := &timesTrial{Databases: d, bindings: bindings, bySQL: map[columnOf]sqlTime{}, byGo: map[columnOf][]goTime{}}
	var err error
	if r.state, err = d.newState(plan{past: true}, fullState); err != nil {
		return nil, err
	}
	defer r.state.pool.Close()
	if r.before, err = r.texts(d.ctx, r.state.pool); err != nil {
		return nil, err
	}
	r.defaults()
	for _, b := range bindings {
		r.writes(b)
	}
	for t, c := range Columns(d.Tables) {
		at := columnOf{t.Name, c.Name}
		if by, ok := r.bySQL[at]; ok {
			r.meet(at, by)
		}
		r.days(at, c.Class == value.Date)
	}
	return r.found, nil
}

func takesTime(b *call.Binding) bool {
	return slices.ContainsFunc(b.Method.Args, func(l call.Argument) bool { return value.ClassSent(l.Type) == value.Time })
}

// meet notes the arguments that are written to the column, or compared with it, in
// another form than SQL's.
func (r *timesTrial) meet(at columnOf, by sqlTime) {
	for _, b := range r.bindings {
		for i, l := range b.Method.Args {
			written := slices.ContainsFunc(r.byGo[at], func(g goTime) bool { return g.Query == b.Query && g.arg == i })
			if value.ClassSent(l.Type) != value.Time || !written && !b.Query.Contains(at.table, at.column) {
				continue
			}
			// Another hour of the same day tells forms with and without a T apart.
			for _, later := range []time.Duration{0, time.Hour, -time.Hour} {
				stored, instant, ok := by.example(later)
				made, known := value.MadeInGo(l.Type, instant)
				if !ok || !known || value.TextOf(made.Interface()) == stored {
					continue
				}
				c := Clash{Binding: b, Place: b.PlaceOf(i), Table: at.table, Column: at.column, Type: l.Type,
					Made: value.TextOf(made.Interface()), Stored: stored, Layout: by.layout, By: by.by, Written: written}
				if !written {
					if c.Different, ok = r.differs(b, at, by, i, made, stored); !ok {
						continue
					}
				}
				r.found = append(r.found, c)
				break
			}
		}
	}
}

// timeText has the parts of a text that is a time.
var timeText = regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:([ T])\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$`)

// layoutOf returns the layout of a text that is a time, or "".
func layoutOf(text string) string {
	m := timeText.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	layout := time.DateOnly
	if m[1] != "" {
		layout += m[1] + "15:04"
	}
	if m[2] != "" {
		layout += ":05"
	}
	if m[3] != "" {
		layout += "." + strings.Repeat("0", len(m[3])-1)
	}
	return layout + m[4]
}

// example returns a time without a fraction as SQL stores it, and as a time.Time.
func (s sqlTime) example(later time.Duration) (string, time.Time, bool) {
	stored := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Add(later).Format(s.layout)
	at, ok := dbtype.ParseTime(stored)
	return stored, time.Unix(at.Unix(), 0).UTC(), ok
}

// fillPast fills the tables without a time of today. A column that has one later got it from a query or a
// trigger.
func (f *filler) fillPast(d *Databases) error {
	var drop, create []string
	for _, o := range d.objects {
		if o.Kind == "trigger" {
			drop, create = append(drop, "DROP TRIGGER "+quote(o.Name)), append(create, o.Text)
		}
	}
	if err := execAll(f.ctx, f.pool, drop); err != nil {
		return err
	}
	f.fill(d.Tables)
	for t, c := range Columns(d.Tables) {
		if c.fallback != "" && !t.virtual {
			f.toPast(t.Name, c.Name)
		}
	}
	return execAll(f.ctx, f.pool, create)
}

// toPast replaces the times that the column's DEFAULT gave it. A time that the schema doesn't
// let change stays.
func (f *filler) toPast(table, column string) {
	rows, err := readRows(f.ctx, f.pool, "SELECT DISTINCT "+quote(column)+" || '' FROM "+quote(table))
	if err != nil {
		return
	}
	for i, row := range rows.Rows {
		stored, _ := row[0].(string)
		at, isTime := dbtype.ParseTime(stored)
		layout := layoutOf(stored)
		if isTime && layout != "" && time.Since(at).Abs() < 48*time.Hour {
			past := time.Date(2026, 1, 2, 3, 4, i, 0, time.UTC).Format(layout)
			_, _ = f.pool.ExecContext(f.ctx, "UPDATE "+quote(table)+" SET "+quote(column)+" = ? WHERE "+quote(column)+" = ?", past, stored)
		}
	}
}
