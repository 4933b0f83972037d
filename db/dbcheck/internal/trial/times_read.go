package trial

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// An Outcome is the effect of a statement, as far as it is independent of the form of a time.
type Outcome struct {
	Rows, Changed int64
	Left          int64  // rows of the table
	numbers       string // the values that are no texts
}

// differs reports whether the query has different outcomes for two forms of an argument, made in Go
// and as SQL stores it. The rows have the time as SQL stores it. Everything else is the same.
func (r *timesTrial) differs(p *call.Binding, at columnOf, by sqlTime, arg int, made reflect.Value, stored string) (different [2]Outcome, ok bool) {
	there, _, _ := by.example(0)
	d := r.drawer(p)
	for range timeDraws {
		values := drawSingle(d, p)
		values[arg] = call.Given{made}
		sent, err := p.Method.Record(r.Tap, values)
		if err != nil {
			return different, false
		}
		asStored := call.Statement{Text: sent.Text, Args: slices.Clone(sent.Args)}
		for i, o := range p.Flow.Origins {
			if o.Arg == arg && i < len(asStored.Args) {
				asStored.Args[i] = stored
			}
		}
		a, errA := r.try(at, there, sent)
		b, errB := r.try(at, there, asStored)
		if errA == nil && errB == nil && a != b {
			return [2]Outcome{a, b}, true
		}
	}
	return different, false
}

// try runs the statement where rows of the table have that text in the column.
func (r *timesTrial) try(at columnOf, stored string, sent call.Statement) (o Outcome, err error) {
	table, column := quote(at.table), quote(at.column)
	err = r.state.try(r.ctx, false, func(ctx context.Context, tx *sql.Tx) error {
		set := "UPDATE " + table + " SET " + column + " = ?"
		if _, err := tx.ExecContext(ctx, set, stored); err != nil {
			one := " WHERE " + column + " = (SELECT max(" + column + ") FROM " + table + ")"
			if _, err := tx.ExecContext(ctx, set+one, stored); err != nil {
				return err
			}
		}
		if err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+table+" WHERE "+column+" = ?", stored).Scan(new(int)); err != nil {
			return err
		}
		a, changed, err := changing(ctx, tx, sent)
		if err != nil {
			return err
		}
		o.Rows, o.Changed, o.numbers = int64(len(a.Rows)), changed, numbersOf(a)
		return tx.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&o.Left)
	})
	return o, err
}

// numbersOf returns the values of an answer without its texts, which may be the time itself.
func numbersOf(a *call.Answer) string {
	var b strings.Builder
	for _, row := range a.Rows {
		for _, v := range row {
			switch v.(type) {
			case int64, float64, nil:
				fmt.Fprint(&b, v, " ")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// days reports the queries that compare the column with a day, where times of Go are
// stored. In a column that isn't declared a date, midnight is reported only for a comparison
// by equality.
func (r *timesTrial) days(at columnOf, declared bool) {
	for _, p := range r.bindings {
		if len(r.byGo[at]) == 0 || !p.Query.Contains(at.table, at.column) {
			continue
		}
		for i := range p.Query.Parts {
			day, end, ok := r.dayAt(p.Query, i)
			if !ok {
				continue
			}
			name, operator := comparedDay(p.Query.Parts, i, end)
			if !strings.EqualFold(name, at.column) || !declared && strings.Trim(operator, "=!") != "" && operator != "<>" {
				continue
			}
			midnight, err := time.Parse(time.DateOnly, day)
			if err != nil {
				continue
			}
			r.day(p, at, p.Query.Parts[i], day, midnight)
		}
	}
}

// day reports the first argument whose form makes a difference to the query.
func (r *timesTrial) day(p *call.Binding, at columnOf, place source.Part, day string, midnight time.Time) {
	for _, g := range r.byGo[at] {
		t := g.Method.Args[g.arg].Type
		made, ok := value.MadeInGo(t, midnight)
		if !ok {
			continue
		}
		d := r.drawer(p)
		for range timeDraws {
			sent, err := p.Method.Record(r.Tap, drawSingle(d, p))
			if err != nil {
				return
			}
			a, errA := r.try(at, value.TextOf(made.Interface()), sent)
			b, errB := r.try(at, day, sent)
			if errA == nil && errB == nil && a != b {
				example, _ := value.MadeInGo(t, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
				r.found = append(r.found, Clash{Binding: p, Place: place, Table: at.table, Column: at.column, Type: t,
					Made: value.TextOf(example.Interface()), Stored: day, Writer: g.Query.Name, Different: [2]Outcome{b, a}})
				return
			}
		}
	}
}

// dayAt returns the day that SQL makes at i, without an argument, and the index of its end.
func (r *timesTrial) dayAt(q *source.Query, i int) (day string, end int, ok bool) {
	switch end = i; {
	case q.Parts[i].Is("current_date"):
	case q.Parts[i].Is("date") && source.IsCall(q.Parts, i):
		end = source.Closing(q.Parts, i+1)
	default:
		return "", 0, false
	}
	last := q.Parts[end]
	var value any
	err := r.pool.QueryRowContext(r.ctx, "SELECT "+q.Text[q.Parts[i].Offset:last.Offset+len(last.Text)]).Scan(&value)
	day, ok = value.(string)
	return day, end, err == nil && ok && !slices.ContainsFunc(q.Parts[i:end], source.Part.IsPlace)
}

// comparedDay returns the column that the expression from i to end is compared with, and
// the operator.
func comparedDay(parts []source.Part, i, end int) (name, operator string) {
	if j := source.BeforeOperator(parts, i); j >= 0 {
		if name, _ := source.ComparedWith(parts, i); name != "" {
			return name, source.Join(parts[j+1 : i])
		}
	}
	k := source.BehindOperator(parts, end+1)
	if k == end+1 || k >= len(parts) || !source.StartsOperand(parts, i) || !source.EndsOperand(parts, k+1) {
		return "", ""
	}
	return source.ColumnName(parts, k), source.Join(parts[end+1 : k])
}
