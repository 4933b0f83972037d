package schemadump

import (
	"context"
	"database/sql"
	"fmt"

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
	for _, o := range s.Objects {
		if _, err := pool.ExecContext(ctx, o.SQL); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.Notes = append(s.Notes, fmt.Sprintf("%v can't be made in an empty SQLite file: %v", o, err))
		}
	}
	if err := withSingleQuotes(ctx, pool); err != nil {
		return ctx.Err() // a view or a trigger that can't be used in any database either
	}
	for i, o := range s.Objects {
		text := ""
		err := pool.QueryRowContext(ctx, "SELECT sql FROM sqlite_schema WHERE type = ? AND name = ?", o.Type, o.Name).Scan(&text)
		if err == nil && text != o.SQL {
			s.Objects[i].SQL = text
			s.Notes = append(s.Notes, fmt.Sprintf("%v has strings in double quotes; they have single quotes now", o))
		}
	}
	return ctx.Err()
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
