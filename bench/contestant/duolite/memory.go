package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/duolite/duolite/bench/schema"
	"github.com/duolite/duolite/db"
)

// openMemory opens a database in memory with the rows of the file at path.
func openMemory(ctx context.Context, path string) (*sql.DB, error) {
	pool, err := open(ctx, ":memory:")
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, pool, path); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// fill copies the rows one by one: with ATTACH they would come from the file system of the database
// in memory.
func fill(ctx context.Context, pool *sql.DB, path string) error {
	file, err := db.Open(ctx, path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := pool.ExecContext(ctx, schema.SQL); err != nil {
		return err
	}
	return db.InTx(ctx, pool, func(tx *sql.Tx) error {
		return errors.Join(copyRows(ctx, tx, file, "bookmarks", 7), copyRows(ctx, tx, file, "tags", 2))
	})
}

func copyRows(ctx context.Context, tx *sql.Tx, from *sql.DB, table string, columns int) error {
	rows, err := from.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	insert := "INSERT INTO " + table + " VALUES (?" + strings.Repeat(", ?", columns-1) + ")"
	values, targets := make([]any, columns), make([]any, columns)
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insert, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}
