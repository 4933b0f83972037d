package copydb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// begin checks that the source can be copied, and makes its tables in the empty target.
func (j *job) begin(ctx context.Context, target *schema) error {
	if err := j.refuseEncoding(target); err != nil {
		return err
	}
	var rows int64
	err := alive(ctx, j.to, func() (err error) {
		rows, err = j.countRows(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := j.try(ctx); err != nil {
		return err
	}
	var steps []engine.Step
	for _, t := range j.source.inOrder() {
		steps = append(steps, j.target.step(t.create()))
		if t.form == "shadow" { // its virtual table has put rows into it
			steps = append(steps, j.target.step("DELETE FROM "+t.on()))
		}
	}
	steps = append(steps, j.target.step(createMark), j.target.step(insertMark, j.source.hash(), rows))
	return j.apply(ctx, steps)
}

// refuseEncoding fails for keys whose order may differ between the databases.
func (j *job) refuseEncoding(target *schema) error {
	if j.source.utf8 && target.utf8 {
		return nil
	}
	for _, t := range j.source.tables {
		if t.stores() && t.keys[0].collation != "" {
			return fmt.Errorf("the keys of %v, which is a WITHOUT ROWID table, have another order in UTF-16, the text encoding of one of the databases; "+
				"both have to have PRAGMA encoding = 'UTF-8'", t)
		}
	}
	return nil
}

// countRows returns the number of all rows. It fails if a row is larger than the target allows.
func (j *job) countRows(ctx context.Context) (all int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, longTime)
	defer cancel()
	for _, t := range j.source.tables {
		if !t.stores() {
			continue
		}
		var large int64
		query := fmt.Sprintf("SELECT count(*), sum(%s) FROM %s", t.tooLarge(j.maxRow), t.on())
		err := engine.Query(ctx, j.from, query, nil, func(row []driver.Value) error {
			n, _ := row[0].(int64)
			all += n
			large, _ = row[1].(int64)
			return nil
		})
		if err != nil {
			return 0, within(err, "counting the rows of %v", t)
		}
		if large > 0 {
			return 0, j.tooLarge(ctx, t, large)
		}
	}
	return all, nil
}

// tooLarge returns the SQL condition of a row that is too large, a bit less than exact: SQLite's limit is one of the stored row, in
// which a number takes up to 9 bytes. https://sqlite.org/limits.html#max_length
func (t *table) tooLarge(limit int64) string {
	if limit == 0 {
		return "0"
	}
	size := make([]string, len(t.columns))
	for i, column := range t.columns {
		// Only for texts and blobs is the length known without reading them.
		size[i] = fmt.Sprintf("CASE WHEN typeof(%s) IN ('text', 'blob') THEN octet_length(%[1]s) + 9 ELSE 9 END", column)
	}
	return fmt.Sprintf("(%s > %d)", combine(size, " + "), limit)
}

// tooLarge returns the error about the first row that is too large.
func (j *job) tooLarge(ctx context.Context, t *table, count int64) error {
	key := make([]string, len(t.keys))
	for i, k := range t.keys {
		key[i] = "substr(quote(" + t.columns[k.column] + "), 1, 100)"
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1", strings.Join(key, " || ', ' || "), t.on(), t.tooLarge(j.maxRow), t.order(false))
	first := ""
	err := engine.Query(ctx, j.from, query, nil, func(row []driver.Value) error {
		first = engine.Escape(text(row[0]))
		return nil
	})
	if err != nil {
		return err
	}
	return &engine.Error{
		Kind: engine.ErrTooBig, Code: engine.CodeTooBig,
		Message: fmt.Sprintf("%d rows of %v are larger than the target's limit of %d bytes, the first with the key %s; nothing was written", count, t, j.maxRow, first),
	}
}

// try makes all objects in the target, and undoes that: functions, modules and collations that the target doesn't have are errors
// before anything is copied.
func (j *job) try(ctx context.Context) error {
	var all []object
	var steps []engine.Step
	for _, t := range j.source.inOrder() {
		all, steps = append(all, t.object), append(steps, j.target.step(t.create()))
	}
	for _, o := range j.source.objects {
		all, steps = append(all, o), append(steps, j.target.step(o.sql))
	}
	var used []object // by the rest of the steps
	for _, o := range all {
		for _, use := range j.uses(ctx, o) {
			// A view or a trigger that can't be used in the source either is copied as it is.
			switch err := engine.Exec(ctx, j.from, use); {
			case err == nil:
				steps, used = append(steps, j.target.step(use)), append(used, o)
			case ctx.Err() != nil || !j.from.InTx():
				return err
			}
		}
	}
	failed := -1
	err := alive(ctx, j.from, func() (err error) {
		failed, err = j.target.try(ctx, steps)
		return err
	})
	switch {
	case err == nil || failed < 0:
		return err
	case failed < len(all):
		return within(err, "the target can't make %v", all[failed])
	default:
		return within(err, "the target can't use %v", used[failed-len(all)])
	}
}

// uses returns statements that need the definition of a view, a trigger or the default of a column, which isn't compiled before it is
// used. They change nothing.
func (j *job) uses(ctx context.Context, o object) []string {
	i := slices.IndexFunc(j.source.tables, func(t *table) bool { return t.name == o.table })
	switch {
	case o.kind == "table" && j.source.tables[i].defaults:
		return []string{"EXPLAIN INSERT INTO " + o.on() + " DEFAULT VALUES"}
	case o.kind == "view":
		return []string{"EXPLAIN SELECT * FROM " + o.on()}
	case o.kind == "trigger" && i >= 0:
		t := j.source.tables[i]
		if t.implicit {
			return o.changes(t.columns[1:])
		}
		return o.changes(t.columns)
	case o.kind == "trigger":
		return o.changes(j.viewColumns(ctx, o))
	default:
		return nil
	}
}

// viewColumns returns the columns of the view of a trigger, as SQL, or none if the view can't be used.
func (j *job) viewColumns(ctx context.Context, o object) (columns []string) {
	rows, err := engine.Open(ctx, j.from, "SELECT * FROM "+o.on()+" LIMIT 0", nil)
	if err != nil {
		return nil
	}
	for _, column := range rows.Columns() {
		columns = append(columns, quoteName(column.Name))
	}
	_ = rows.Close()
	return columns
}

// changes returns statements that would insert, change and delete rows, and so need all triggers of a table or a view.
func (o object) changes(columns []string) []string {
	name, list := o.on(), strings.Join(columns, ", ")
	set := make([]string, len(columns))
	for i, column := range columns {
		set[i] = column + " = " + column
	}
	return []string{
		"EXPLAIN INSERT INTO " + name + " (" + list + ") SELECT " + list + " FROM " + name,
		"EXPLAIN UPDATE " + name + " SET " + strings.Join(set, ", "),
		"EXPLAIN DELETE FROM " + name,
	}
}
