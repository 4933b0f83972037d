package doctor

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

// foreignKeys looks for rows without the row that they refer to, and for keys that can't be enforced.
func (x *examination) foreignKeys(ctx context.Context) error {
	tables, err := x.catalog(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		missing := false
		for _, k := range t.ForeignKeys {
			if !slices.ContainsFunc(tables, func(other *catalog.Table) bool { return strings.EqualFold(other.Name, k.Parent) }) {
				missing = true
				x.found(Error, columnsOf(t, k), "create the table, or rebuild "+t.Name+" without the foreign key",
					"refers to the table %s, which doesn't exist: each INSERT fails", k.Parent)
			}
		}
		if missing {
			x.unenforced = append(x.unenforced, t)
		}
		if len(t.ForeignKeys) == 0 || missing {
			continue
		}
		if err := x.violations(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// violations finds the rows of a table that violate its foreign keys.
// https://sqlite.org/pragma.html#pragma_foreign_key_check
func (x *examination) violations(ctx context.Context, t *catalog.Table) error {
	const query = `SELECT parent, fkid, count(*), min("rowid") FROM pragma_foreign_key_check(?) GROUP BY fkid ORDER BY fkid`
	err := catalog.Each(ctx, x.Pool, query, func(scan func(...any) error) error {
		var parent string
		var key, rows int64
		var example sql.NullInt64 // NULL without a rowid
		if err := scan(&parent, &key, &rows, &example); err != nil {
			return err
		}
		such := ""
		if example.Valid {
			such = fmt.Sprintf(", such as the one with rowid %d", example.Int64)
		}
		object := t.Name
		if int(key) < len(t.ForeignKeys) {
			object = columnsOf(t, t.ForeignKeys[key])
		}
		x.found(Error, object, "insert the missing rows of "+parent+", or delete these or set them to NULL; PRAGMA foreign_key_check("+catalog.QuoteIfNeeded(t.Name)+") lists them",
			"%s without a row of %s%s", count(rows, "row"), parent, such)
		return nil
	}, t.Name)
	if problem := sqlProblem(err); problem != "" {
		return x.notEnforced(ctx, t, problem)
	}
	return err
}

// notEnforced reports a table whose foreign keys SQLite can't compile.
func (x *examination) notEnforced(ctx context.Context, t *catalog.Table, problem string) error {
	x.unenforced = append(x.unenforced, t)
	texts, err := x.names(ctx, `SELECT sql FROM sqlite_master WHERE type = 'table' AND name COLLATE NOCASE IN
		(SELECT ?1 UNION ALL SELECT "table" FROM pragma_foreign_key_list(?1))`, t.Name)
	if err != nil {
		return err
	}
	own, err := x.foreignCollation(ctx, strings.Join(texts, "\n"))
	if err != nil {
		return err
	}
	severity, remedy := Error, "give the columns of the parent a PRIMARY KEY or UNIQUE"
	if own != "" {
		severity, remedy = Note, ownRemedy(own)
	}
	x.found(severity, t.Name, remedy, "its foreign keys can't be enforced: %s", problem)
	return nil
}

// isUnenforced reports whether statements on a table fail because of a foreign key of it or to it.
func (x *examination) isUnenforced(table string) bool {
	return slices.ContainsFunc(x.unenforced, func(t *catalog.Table) bool {
		return strings.EqualFold(t.Name, table) ||
			slices.ContainsFunc(t.ForeignKeys, func(k catalog.ForeignKey) bool { return strings.EqualFold(k.Parent, table) })
	})
}

// columnsOf returns the name of a foreign key for a message: books.author_id.
func columnsOf(t *catalog.Table, k catalog.ForeignKey) string {
	if len(k.Columns) == 1 {
		return t.Name + "." + k.Columns[0]
	}
	return t.Name + ".(" + strings.Join(k.Columns, ", ") + ")"
}
