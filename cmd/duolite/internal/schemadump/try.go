package schemadump

import (
	"context"
	"database/sql"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/db"
)

// try makes the schema in an empty database in memory. There SQLite also writes strings that have double quotes with single
// ones: package db and servers refuse double quotes in new statements. What can't be made is a note.
func (s *Schema) try(ctx context.Context) error {
	pool, err := db.Open(ctx, ":memory:", db.WithDoubleQuotedStrings(), db.WithMaxOpenConns(1))
	if err != nil {
		return err
	}
	defer pool.Close()
	failed := map[string]bool{} // tables
	for _, o := range s.Objects {
		if failed[o.Table] {
			continue
		}
		if _, err := pool.ExecContext(ctx, o.SQL); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed[o.Table] = o.Type == "table"
			s.problems.add("an empty SQLite file can't have %s: "+err.Error(), o.String())
		}
	}
	if err := withSingleQuotes(ctx, pool); err != nil {
		return ctx.Err() // a view or a trigger that can't be used in any database either
	}
	texts := map[string]string{} // by type and name
	err = catalog.Each(ctx, pool, "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL", func(scan func(...any) error) error {
		var key, text string
		err := scan(&key, &text)
		texts[key] = text
		return err
	})
	for i, o := range s.Objects {
		if text, ok := texts[o.Type+" "+o.Name]; ok && strings.TrimSpace(text) != strings.TrimSpace(o.SQL) {
			s.Objects[i].SQL = text
			s.problems.add("strings in double quotes have single quotes now, in %s", o.String())
		}
	}
	return err
}

// withSingleQuotes has SQLite rewrite the schema: ALTER TABLE does that in all statements.
func withSingleQuotes(ctx context.Context, pool *sql.DB) error {
	for _, text := range []string{
		"CREATE TABLE duolite_quotes (a)",
		"ALTER TABLE duolite_quotes RENAME COLUMN a TO b",
		"DROP TABLE duolite_quotes",
	} {
		if _, err := pool.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}
