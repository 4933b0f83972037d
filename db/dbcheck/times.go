package dbcheck

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/dbtype"
)

// A proven method is one that sends its query's text with its own arguments.
type proven struct {
	query  *source.Query
	method *method
	flow   *flow // with slices of one value
	proof  *proof
}

// A columnOf is a column of a table.
type columnOf struct{ table, column string }

// A timesRule finds columns that SQL stores a time in one form, and Go sends it in another:
// SQLite compares texts, so the same time isn't equal. What it knows it has seen: which
// form is stored, which argument goes there, and that the answer of a query changes with
// the form alone.
type timesRule struct {
	*checker
	bySQL  map[columnOf]sqlTime
	byGo   map[columnOf][]goTime
	state  *state
	before map[columnOf]map[string]bool // the texts that the state has
	found  []Finding
}

// A sqlTime is how SQL stores a time in a column.
type sqlTime struct{ layout, by string }

// A goTime is an argument that is stored as it is.
type goTime struct {
	proven
	leaf int
}

// times reports the queries in which two forms meet.
func (c *checker) times() ([]Finding, error) {
	if !slices.ContainsFunc(c.proven, proven.takesTime) {
		return nil, nil
	}
	r := &timesRule{checker: c, bySQL: map[columnOf]sqlTime{}, byGo: map[columnOf][]goTime{}}
	var err error
	if r.state, err = c.pastState(); err != nil {
		return nil, err
	}
	defer r.state.pool.Close()
	if r.before, err = r.texts(c.ctx, r.state.pool); err != nil {
		return nil, err
	}
	r.defaults()
	for _, p := range c.proven {
		r.writes(p)
	}
	for _, t := range c.tables {
		for _, column := range t.columns {
			at := columnOf{t.name, column.name}
			if by, ok := r.bySQL[at]; ok {
				r.meet(at, by)
			}
			r.days(at, column.class == value.Date)
		}
	}
	return r.found, nil
}

func (p proven) takesTime() bool {
	return slices.ContainsFunc(p.method.args, func(l argument) bool { return value.IsTime(l.typ) })
}

// meet reports the arguments that are written to the column, or compared with it, in
// another form than SQL's.
func (r *timesRule) meet(at columnOf, by sqlTime) {
	for _, p := range r.proven {
		for i, l := range p.method.args {
			written := slices.ContainsFunc(r.byGo[at], func(g goTime) bool { return g.query == p.query && g.leaf == i })
			if !value.IsTime(l.typ) || !written && !p.query.Contains(at.table, at.column) {
				continue
			}
			// At another hour, forms with and without a T are of one day.
			for _, later := range []time.Duration{0, time.Hour, -time.Hour} {
				stored, instant, ok := by.example(later)
				made, known := value.MadeInGo(l.typ, instant)
				if !ok || !known || value.TextOf(made) == stored {
					continue
				}
				problem := "the column gets both, which are never equal"
				if !written {
					a, b, ok := r.differs(p, at, by, i, made, stored)
					if !ok {
						continue
					}
					problem = "they are never equal (seen: " + seen(a, b) + ")"
				}
				r.add(p, p.place(i), by.instead(l.typ), "%s is %s, sent as '%s', and SQL stores that time in %s.%s as '%s' (%s): %s",
					p.place(i).Text, value.Article(l.typ), value.TextOf(made), at.table, at.column, stored, by.by, problem)
				break
			}
		}
	}
}

func (r *timesRule) add(p proven, place source.Part, instead, format string, args ...any) {
	r.found = append(r.found, allowed(p.query, []Finding{findingAt(p.query, p.query.LineAt(place.Offset), RuleTimes, instead, format, args...)})...)
}

// place returns where the source has the leaf.
func (p proven) place(leaf int) source.Part {
	for _, place := range p.query.Parts {
		if got, ok := p.proof.got[place.Key()]; ok && place.IsPlace() && got == leaf {
			return place
		}
	}
	return p.query.Parts[0]
}

// timeText has the parts of a text that is a time.
var timeText = regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:([ T])\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$`)

// layoutOf returns the layout of a text that is a time.
func layoutOf(text string) (string, bool) {
	m := timeText.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	layout := "2006-01-02"
	if m[1] != "" {
		layout += m[1] + "15:04"
	}
	if m[2] != "" {
		layout += ":05"
	}
	if m[3] != "" {
		layout += "." + strings.Repeat("0", len(m[3])-1)
	}
	return layout + m[4], true
}

// example returns a time without a fraction as SQL stores it, and which one that is.
func (s sqlTime) example(later time.Duration) (string, time.Time, bool) {
	stored := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Add(later).Format(s.layout)
	at, ok := dbtype.ParseTime(stored)
	return stored, time.Unix(at.Unix(), 0).UTC(), ok
}

func (s sqlTime) instead(t reflect.Type) string {
	own := value.Pointed(t) == reflect.TypeFor[dbtype.Time]()
	switch {
	case s.layout == time.DateOnly:
		return "the Go type dbtype.Date, or datetime(...) for date(...)"
	case s.layout == time.DateTime && own:
		return "strftime('%Y-%m-%d %H:%M:%f', 'now') in SQL, or the Go type time.Time"
	case s.layout == dbtype.TimeLayout:
		return "the Go type dbtype.Time, or CURRENT_TIMESTAMP in SQL"
	case own:
		return "strftime('%Y-%m-%d %H:%M:%f', 'now') in SQL"
	}
	return "CURRENT_TIMESTAMP, or datetime(...), in SQL"
}
