package trial

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

const (
	// timeDraws is how often a method is called with times.
	timeDraws = 48
	// timeWrites is the number of calls that wrote something after which the trial ends.
	timeWrites = 4
)

// defaults notes the columns whose DEFAULT is a time. A DEFAULT isn't used if every INSERT
// gives a value.
func (r *timesTrial) defaults() {
	for t, c := range Columns(r.Tables) {
		if c.fallback == "" || !r.usesDefault(t.Name, c.Name) {
			continue
		}
		var value any
		_ = r.pool.QueryRowContext(r.ctx, "SELECT "+c.fallback).Scan(&value)
		if s, _ := value.(string); layoutOf(s) != "" {
			r.bySQL[columnOf{t.Name, c.Name}] = sqlTime{layoutOf(s), "its DEFAULT"}
		}
	}
}

// usesDefault reports whether a query inserts rows without a value for the column, or none
// inserts any.
func (r *timesTrial) usesDefault(table, column string) bool {
	inserted := false
	for _, q := range r.Queries {
		for i, p := range q.Parts {
			if i++; source.At(q.Parts, i+1).Text == "." {
				i += 2 // behind the name of the database
			}
			if !p.Is("into") || !source.At(q.Parts, i).Names(table) {
				continue
			}
			inserted = true
			switch next := source.At(q.Parts, i+1); {
			case next.Is("default"):
				return true
			case next.Text == "(":
				if !slices.ContainsFunc(source.Inside(q.Parts, i+1), func(p source.Part) bool { return p.Names(column) }) {
					return true
				}
			}
		}
	}
	return !inserted
}

// texts returns the texts that the columns of all tables have.
func (r *timesTrial) texts(ctx context.Context, from querier) (map[columnOf]map[string]bool, error) {
	found := map[columnOf]map[string]bool{}
	for _, t := range r.Tables {
		if t.virtual {
			continue
		}
		var columns []string // as expressions, of which a driver makes no times
		for _, c := range t.Columns {
			columns = append(columns, "CASE typeof("+quote(c.Name)+") WHEN 'text' THEN "+quote(c.Name)+" || '' END AS "+quote(c.Name))
		}
		a, err := readRows(ctx, from, "SELECT "+strings.Join(columns, ", ")+" FROM "+quote(t.Name))
		if err != nil {
			return nil, err
		}
		for i, name := range a.Columns {
			texts := map[string]bool{}
			for _, row := range a.Rows {
				if s, ok := row[i].(string); ok {
					texts[s] = true
				}
			}
			found[columnOf{t.Name, name}] = texts
		}
	}
	return found, nil
}

// writes runs a method that writes, and notes the times that are in the tables then. A time
// that is the text of an argument comes from Go; another new one comes from SQL.
func (r *timesTrial) writes(p *call.Binding) {
	if reads(p.Flow.Text) {
		return
	}
	d := r.drawer(p)
	wrote := 0
	for try := 0; try < timeDraws && wrote < timeWrites; try++ {
		values := drawSingle(d, p)
		sent := map[string]int{} // the arguments, by their texts
		for i, l := range p.Method.Args {
			// A value that was drawn may be the key of a row.
			if made, ok := value.MadeInGo(l.Type, time.Date(2026, 3, 4, 5, 6, i, 0, time.UTC)); ok && !l.Slice && d.rand.IntN(2) == 0 {
				values[i] = call.Given{made}
				sent[value.TextOf(made.Interface())] = i
			}
		}
		if r.wrote(p, values, sent) {
			wrote++
		}
	}
}

func (r *timesTrial) wrote(p *call.Binding, values []call.Given, sent map[string]int) bool {
	statement, err := p.Method.Record(r.Tap, values)
	if err != nil {
		return false
	}
	var after map[columnOf]map[string]bool
	err = r.state.try(r.ctx, false, func(ctx context.Context, tx *sql.Tx) error {
		_, changed, err := changing(ctx, tx, statement)
		if err == nil && changed > 0 {
			after, err = r.texts(ctx, tx)
		}
		return err
	})
	for at, texts := range after {
		for _, s := range slices.Sorted(maps.Keys(texts)) {
			r.stored(p, at, s, sent, statement.Args)
		}
	}
	return err == nil && after != nil
}

// stored notes the origin of a text in a column.
func (r *timesTrial) stored(p *call.Binding, at columnOf, s string, sent map[string]int, args []any) {
	layout := layoutOf(s)
	if layout == "" || r.before[at][s] {
		return
	}
	if arg, ok := sent[s]; ok {
		if !slices.ContainsFunc(r.byGo[at], func(g goTime) bool { return g.Query == p.Query && g.arg == arg }) {
			r.byGo[at] = append(r.byGo[at], goTime{p, arg})
		}
		return
	}
	for _, texts := range r.before { // it may be copied
		if texts[s] {
			return
		}
	}
	for _, arg := range args { // such as a text, or JSON with many
		if strings.Contains(value.TextOf(arg), s) {
			return
		}
	}
	if _, ok := r.bySQL[at]; !ok {
		r.bySQL[at] = sqlTime{layout, "the query " + p.Query.Name + ", or a trigger"}
	}
}

func (r *timesTrial) drawer(p *call.Binding) *drawer { return r.newDrawer(p, r.state, 3, 1) }

// drawSingle returns arguments whose slices have one value.
func drawSingle(d *drawer, p *call.Binding) []call.Given {
	values := d.values(p.Method)
	for i, l := range p.Method.Args {
		if l.Slice {
			values[i] = call.Given{d.value(i, l, d.matchingRows())}
		}
	}
	return values
}
