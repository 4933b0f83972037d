package dbcheck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/internal/sqltext"
)

const (
	// draws is how often a method is called in each state.
	draws = 16
	// moreDraws is how often one is called again that hasn't returned a row.
	moreDraws = 300
	// runLimit bounds one run: a recursive query with the wrong argument doesn't end.
	runLimit = 2 * time.Second
)

// A witness is what a method was seen to do.
type witness struct {
	*checker
	query  *source.Query
	method *method
	fields []field
	reads  bool
	// last is the statement's answer, columns are the names of its columns.
	last     *answer
	columns  []string
	sawRow   bool
	found    []Finding
	reported map[string]bool
	values   map[int]any // one of each column that isn't NULL
	nulls    map[int]int // the findings of RuleNull, and the columns that they are of
}

// witness calls the method in each state with many arguments. The statement runs in
// SQLite; the method reads its answer again from memory. So an error of the method
// behind an answer is one of its Scan, and the value that it couldn't read is known.
func (c *checker) witness(q *source.Query, m *method, f *flow) []Finding {
	if m.rowType(q.Cmd) == nil {
		return nil // nothing comes back
	}
	w := &witness{checker: c, query: q, method: m, reported: map[string]bool{}, values: map[int]any{}, nulls: map[int]int{}}
	w.fields = fieldsOf(m.rowType(q.Cmd))
	if a := c.tryOnce(m); a != nil {
		w.columns = a.columns
		if w.order(); len(w.found) > 0 {
			return w.found
		}
	}
	statements := sqltext.Split(f.text)
	w.reads = len(statements) == 1 && statements[0].Kind == sqltext.Read
	goOn := true
	for i := 0; goOn && i < len(c.states); i++ {
		if !c.concerns(c.states[i], f.text) {
			continue
		}
		goOn = w.in(uint64(i), c.states[i], draws)
	}
	if goOn && !w.sawRow && len(m.args) > 0 {
		w.in(uint64(len(c.states)), c.states[fullState], moreDraws)
	}
	if !w.sawRow && len(w.found) == 0 && m.name == q.Name { // an iterator reads the same rows
		c.report.Unseen = append(c.report.Unseen, m.name)
	}
	for n, i := range w.nulls {
		if n < len(w.found) && w.found[n].Rule == RuleNull {
			w.found[n].Instead = w.nullInstead(i)
		}
	}
	if w.columns != nil && len(w.found) == 0 {
		w.order()
	}
	return w.found
}

// concerns reports whether a statement can see that the state has empty tables: it names
// one of them, or a view, which may.
func (c *checker) concerns(s *state, text string) bool {
	if !s.each {
		return true
	}
	text = strings.ToLower(text)
	return slices.ContainsFunc(slices.Concat(s.empty, c.views), func(name string) bool {
		return strings.Contains(text, strings.ToLower(name))
	})
}

// in tries the method in one state n times, and reports whether to go on.
func (w *witness) in(seed uint64, s *state, n int) bool {
	d := &drawer{w.tap, w.samples, rand.New(rand.NewPCG(2, seed)), s, w.reads, map[int][]reflect.Value{}}
	if len(w.method.args) == 0 {
		n = 1
	}
	for range n {
		values := d.values(w.method)
		if err := w.run(s, values); errors.Is(err, context.DeadlineExceeded) {
			return false
		}
		if n == moreDraws && w.sawRow {
			break
		}
	}
	return true
}

// run calls the method once, and takes back what it wrote.
func (w *witness) run(s *state, values []given) error {
	ctx, cancel := context.WithTimeout(w.ctx, runLimit)
	defer cancel()
	tx, err := s.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: w.reads})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var ran error
	w.last = nil
	w.tap.run = func(_ context.Context, text string, args []any) (*answer, error) {
		w.last, ran = readRows(ctx, tx, text, args...)
		return w.last, ran
	}
	result, err := w.method.call(ctx, values)
	if ran != nil || w.last == nil {
		return ran // the arguments aren't right for the query
	}
	w.columns = w.last.columns
	w.sawRow = w.sawRow || err == nil && len(w.last.rows) > 0
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	w.judge(s, result, err)
	return nil
}

// judge compares the answer with what the method returned.
func (w *witness) judge(s *state, result reflect.Value, err error) {
	if len(w.columns) != len(w.fields) {
		w.add(RuleColumns, "", "SELECT with each column by its name", "the statement has %d columns, and the method reads %d", len(w.columns), len(w.fields))
		return
	}
	before, custom := len(w.found), false
	for r, row := range w.last.rows {
		if w.query.Cmd == ":one" && r > 0 {
			break
		}
		for i, v := range row {
			if v != nil {
				w.values[i] = v
			}
			got, ok := w.returned(result, err, r, w.fields[i])
			if err != nil {
				var scanErr error
				got, scanErr = w.tap.scanInto(w.fields[i].typ, v)
				ok = scanErr == nil
				custom = !ok && w.unreadable(s, i, row) || custom
			}
			if ok && !kept(v, got) {
				w.changed(s, i, v, got)
			}
		}
	}
	if err != nil && !custom && len(w.found) == before && len(w.reported) == 0 && len(w.last.rows) > 0 {
		w.add(RuleScan, "", "", "its rows can't be read: %v (seen with %s)", err, s.says)
	}
}

// returned returns the value that the method returned in a row.
func (w *witness) returned(result reflect.Value, err error, r int, f field) (reflect.Value, bool) {
	if err != nil {
		return reflect.Value{}, false
	}
	if w.query.Cmd == ":one" {
		return f.get(result), true
	}
	if r >= result.Len() {
		return reflect.Value{}, false
	}
	return f.get(result.Index(r)), true
}

// unreadable reports a value that a method can't read. It returns true for one that a
// type of the program's own refuses, which is that type's business.
func (w *witness) unreadable(s *state, i int, row []any) (custom bool) {
	f, column, v := w.fields[i], w.columns[i], row[i]
	name, _, _ := strings.Cut(f.name, ".")
	switch {
	case v == nil && s.large, overflown(f.typ, v):
		return true
	case v == nil && f.embed && w.allNULL(name, row):
		w.add(RuleNull, name, "its columns by their names instead of sqlc.embed",
			"an outer join can make all columns of %s NULL, which it has no room for (seen with %s)", name, s.says)
	case v == nil:
		if !w.reported[RuleNull+column] {
			w.nulls[len(w.found)] = i
		}
		w.add(RuleNull, column, "", "column %s can be NULL, which %s can't hold (seen with %s)", column, value.Article(f.typ), s.says)
	case !value.IsBuiltin(f.typ) && w.last.declared[i] != "":
		return true
	default:
		w.add(RuleScan, column, w.scanInstead(f, column, v), "column %s can be %s, which %s can't hold (seen with %s)", column, value.Show(v), value.Article(f.typ), s.says)
	}
	return false
}

// overflown reports a product of large integers, say, that SQLite has made a REAL: that
// is the data's fault as well.
func overflown(t reflect.Type, v any) bool {
	x, ok := v.(float64)
	return ok && value.Pointed(t).Kind() == reflect.Int64 && math.Abs(x) >= 1<<63
}

// allNULL reports whether an embedded struct has nothing but NULL.
func (w *witness) allNULL(name string, row []any) bool {
	for i, f := range w.fields {
		if strings.HasPrefix(f.name, name+".") && row[i] != nil {
			return false
		}
	}
	return true
}

func (w *witness) changed(s *state, i int, v any, got reflect.Value) {
	w.add(RuleChanged, w.columns[i], changedInstead(v), "column %s can be %s, which comes back as %s in %s (seen with %s)",
		w.columns[i], value.Show(v), showField(got), value.Article(w.fields[i].typ), s.says)
}

// add reports each column once for a rule.
func (w *witness) add(rule, column, instead, format string, args ...any) {
	if w.reported[rule+column] {
		return
	}
	w.reported[rule+column] = true
	message := fmt.Sprintf(format, args...)
	if w.method.name != w.query.Name {
		message = "in " + w.method.name + ", " + message
	}
	w.found = append(w.found, findingAt(w.query, w.query.Line, rule, instead, "%s", message))
}
