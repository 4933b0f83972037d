package copydb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// columnsQuery finds the columns of all tables with rows. hidden is not 0 for generated columns, whose values the target
	// computes itself.
	columnsQuery = `SELECT t.name, c.name, c.pk, c.hidden, t.wr, c.dflt_value LIKE '%(%' FROM pragma_table_list AS t CROSS JOIN pragma_table_xinfo(t.name, 'main') AS c
		WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') ORDER BY t.name, c.cid`
	// keysQuery finds the columns of all primary keys that have an index. In a WITHOUT ROWID table that is the table itself.
	keysQuery = `SELECT t.name, c.name, c."desc", c.coll FROM pragma_table_list AS t CROSS JOIN pragma_index_list(t.name, 'main') AS i
		CROSS JOIN pragma_index_xinfo(i.name, 'main') AS c
		WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND i.origin = 'pk' AND c.key = 1 ORDER BY t.name, c.seqno`
)

// maxColumns is SQLite's limit of the columns of a result. https://sqlite.org/limits.html#max_column
const maxColumns = 2000

// A description is the form of a table, as SQLite describes it.
type description struct {
	names        []string // of all columns
	stored       []string // of the columns that aren't generated
	primary      []string // of the primary key
	withoutRowid bool
	defaults     bool  // a column has an expression as its default
	index        []key // of the primary key, with indexes of stored
}

// readColumns completes the tables of a schema.
func (s *schema) readColumns(ctx context.Context, c engine.Conn) error {
	found := map[string]*description{}
	for _, t := range s.tables {
		found[t.name] = &description{}
	}
	err := engine.Query(ctx, c, columnsQuery, nil, func(row []driver.Value) error {
		d := found[text(row[0])]
		if d == nil {
			return nil
		}
		name := text(row[1])
		d.names = append(d.names, name)
		if primary := row[2] != int64(0); primary {
			d.primary = append(d.primary, name)
		}
		if generated := row[3] != int64(0); !generated {
			d.stored = append(d.stored, name)
		}
		d.withoutRowid = row[4] == int64(1)
		d.defaults = d.defaults || row[5] == int64(1)
		return nil
	})
	if err != nil {
		return err
	}
	err = engine.Query(ctx, c, keysQuery, nil, func(row []driver.Value) error {
		if d := found[text(row[0])]; d != nil {
			d.index = append(d.index, key{slices.Index(d.stored, text(row[1])), text(row[3]), row[2] != int64(0)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range s.tables {
		if !t.stores() {
			continue
		}
		if err := t.describe(found[t.name]); err != nil {
			return err
		}
	}
	return nil
}

// describe sets the columns and the keys of a table. A table with rowids is ordered by them.
func (t *table) describe(d *description) error {
	for _, name := range d.stored {
		t.columns = append(t.columns, quoteName(name))
	}
	t.defaults = d.defaults
	switch {
	case d.withoutRowid:
		t.keys = d.index
		return nil
	case len(d.primary) == 1 && len(d.index) == 0: // INTEGER PRIMARY KEY, another name of the rowid
		t.keys = []key{{column: slices.Index(d.stored, d.primary[0])}}
		return nil
	}
	rowid := rowidName(d.names)
	if rowid == "" {
		return fmt.Errorf("the table %q can't be copied: its columns have all three names of the rowid, rowid, oid and _rowid_, so that no statement can name it; rename one of them", t.name)
	}
	if len(t.columns) >= maxColumns {
		return fmt.Errorf("the table %q can't be copied: it has %d columns and no INTEGER PRIMARY KEY, and a query returns at most %d columns, of which the rowid is one", t.name, len(t.columns), maxColumns)
	}
	t.columns, t.implicit = slices.Insert(t.columns, 0, rowid), true
	t.keys = []key{{column: 0}}
	return nil
}

// rowidName returns a name of the rowid that isn't the name of a column.
// https://sqlite.org/lang_createtable.html#rowid
func rowidName(columns []string) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(columns, func(column string) bool { return strings.EqualFold(column, name) }) {
			return name
		}
	}
	return ""
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
