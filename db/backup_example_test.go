package db_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/db"
)

// A program saves its database while it works.
func ExampleBackup() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	pool, err := db.Open(ctx, filepath.Join(dir, "app.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	saved := filepath.Join(dir, "saved.db")
	if err := db.Backup(ctx, pool, saved); err != nil {
		log.Fatal(err)
	}
	err = db.Backup(ctx, pool, saved)
	fmt.Println(errors.Is(err, fs.ErrExist))
	fmt.Println(db.Backup(ctx, pool, saved, db.WithReplace()))
	// Output:
	// true
	// <nil>
}

// A program goes back to a database that was saved.
func ExampleRestore() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	app, saved := filepath.Join(dir, "app.db"), filepath.Join(dir, "saved.db")
	pool, err := db.Open(ctx, app)
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Backup(ctx, pool, saved); err != nil {
		log.Fatal(err)
	}

	err = db.Restore(ctx, saved, app, db.WithReplace())
	fmt.Println(errors.Is(err, db.ErrBusy)) // the pool is open
	pool.Close()
	fmt.Println(db.Restore(ctx, saved, app, db.WithReplace()))
	// Output:
	// true
	// <nil>
}

// A database moves to another home. Here both are in the process; a server's pool may be either one.
func ExampleCopy() {
	ctx := context.Background()
	from, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer from.Close()
	if _, err := from.ExecContext(ctx, "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('one'), ('two')"); err != nil {
		log.Fatal(err)
	}
	to, err := db.Open(ctx, ":memory:") // or libsql://example.turso.io
	if err != nil {
		log.Fatal(err)
	}
	defer to.Close()

	report := func(p db.CopyProgress) {
		fmt.Println(p.Table, p.Rows, "of", p.AllRows, "rows,", p.Compared, "compared")
	}
	if err := db.Copy(ctx, from, to, db.WithCopyProgress(report)); err != nil {
		log.Fatal(err)
	}
	var rows int
	if err := to.QueryRowContext(ctx, "SELECT count(*) FROM notes").Scan(&rows); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows, "rows")
	// Output:
	// notes 2 of 2 rows, 0 compared
	// notes 2 of 2 rows, 2 compared
	// 2 rows
}
