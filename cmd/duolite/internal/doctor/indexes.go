package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

// foreignKeyIndexes looks for foreign keys without an index. Deleting a row of the parent, and changing its key,
// then reads the whole table for each row.
func (x *examination) foreignKeyIndexes(ctx context.Context) error {
	tables, err := x.catalog(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		for _, k := range t.ForeignKeys {
			indexed, err := x.isIndexed(ctx, t, k)
			if err != nil {
				return err
			}
			if !indexed {
				x.found(Warning, columnsOf(t, k), createIndex(t.Name, k.Columns),
					"the foreign key to %s has no index: each DELETE of a row of %s reads the whole table %s", k.Parent, k.Parent, t.Name)
			}
		}
	}
	return nil
}

// isIndexed reports whether an index begins with the columns of a foreign key, or SQLite finds its rows by a primary key
// or by an index of some rows. With the statistics of few values SQLite may prefer to read the table.
func (x *examination) isIndexed(ctx context.Context, t *catalog.Table, k catalog.ForeignKey) (bool, error) {
	if slices.ContainsFunc(t.Indexes, func(i catalog.Index) bool { return !i.Partial && beginsWith(i, k) }) {
		return true, nil
	}
	var conditions []string
	args := make([]any, len(k.Columns))
	for _, column := range k.Columns {
		conditions = append(conditions, catalog.Quote(column)+" = ?")
	}
	steps, err := x.planOf(ctx, "SELECT 1 FROM "+catalog.Quote(t.Name)+" WHERE "+strings.Join(conditions, " AND "), args)
	return slices.ContainsFunc(steps, func(step string) bool { return strings.HasPrefix(step, "SEARCH ") }), err
}

// createIndex returns the statement that creates an index.
func createIndex(table string, columns []string) string {
	var quoted []string
	for _, column := range columns {
		quoted = append(quoted, catalog.QuoteIfNeeded(column))
	}
	name := catalog.QuoteIfNeeded(table + "_by_" + strings.Join(columns, "_"))
	return "CREATE INDEX " + name + " ON " + catalog.QuoteIfNeeded(table) + " (" + strings.Join(quoted, ", ") + ")"
}

// duplicateIndexes looks for indexes that another index replaces: one with the same columns, or with more columns
// behind them.
func (x *examination) duplicateIndexes(ctx context.Context) error {
	tables, err := x.catalog(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		for i, one := range t.Indexes {
			if one.Origin != "c" || one.Partial || hasExpression(one) {
				continue
			}
			if isRowid(t, one) {
				x.found(Warning, one.Name, drop(one), "indexes the primary key %s.%s, by which SQLite finds rows without an index", t.Name, one.Terms[0].Column)
				continue
			}
			x.compareIndexes(t, i)
		}
	}
	return nil
}

// compareIndexes compares an index with the others of its table.
func (x *examination) compareIndexes(t *catalog.Table, i int) {
	one := t.Indexes[i]
	longer := -1
	for j, other := range t.Indexes {
		switch {
		case i == j, other.Partial, !isPrefix(one.Terms, other.Terms):
		case len(one.Terms) < len(other.Terms):
			longer = j
		case one.Unique && !other.Unique, other.Origin == "c" && one.Unique == other.Unique && i < j:
			// the other one is the duplicate
		default:
			x.found(Warning, one.Name, drop(one), "has the same columns as the index %s of %s: each write changes both", shownIndex(other), t.Name)
			return
		}
	}
	if longer >= 0 && !one.Unique { // a unique one is a constraint as well
		other := shownIndex(t.Indexes[longer])
		x.found(Note, one.Name, drop(one)+", unless it is used often and much smaller",
			"its columns are the first ones of the index %s of %s, which finds the same rows", other, t.Name)
	}
}

func drop(i catalog.Index) string { return "DROP INDEX " + catalog.QuoteIfNeeded(i.Name) }

// shownIndex returns the name of an index, or the constraint that made it.
func shownIndex(i catalog.Index) string {
	switch i.Origin {
	case "pk":
		return "of the PRIMARY KEY"
	case "u":
		var columns []string
		for _, term := range i.Terms {
			columns = append(columns, term.Column)
		}
		return "of UNIQUE (" + strings.Join(columns, ", ") + ")"
	default:
		return i.Name
	}
}

func isPrefix(short, long []catalog.Term) bool {
	return len(short) <= len(long) && slices.Equal(short, long[:len(short)])
}

func hasExpression(i catalog.Index) bool {
	return slices.ContainsFunc(i.Terms, func(t catalog.Term) bool { return t.Column == "" })
}

// isRowid reports whether an index has only the INTEGER PRIMARY KEY of a table. Then the table has no index for the
// primary key.
func isRowid(t *catalog.Table, i catalog.Index) bool {
	keys := 0
	var key catalog.Column
	for _, c := range t.Columns {
		if c.Key > 0 {
			keys++
			key = c
		}
	}
	return len(i.Terms) == 1 && keys == 1 && i.Terms[0].Column == key.Name && strings.EqualFold(key.Type, "integer") &&
		!slices.ContainsFunc(t.Indexes, func(other catalog.Index) bool { return other.Origin == "pk" })
}

// beginsWith reports whether an index begins with the columns of a foreign key, in any order.
func beginsWith(i catalog.Index, k catalog.ForeignKey) bool {
	if len(i.Terms) < len(k.Columns) {
		return false
	}
	for _, term := range i.Terms[:len(k.Columns)] {
		if !slices.ContainsFunc(k.Columns, func(column string) bool { return strings.EqualFold(column, term.Column) }) {
			return false
		}
	}
	return true
}
