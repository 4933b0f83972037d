package db_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// makeTables makes tables with a constraint of each kind.
func makeTables(t *testing.T, pool *sql.DB) {
	t.Helper()
	execute(t, pool,
		`CREATE TABLE authors (id INTEGER PRIMARY KEY)`,
		`CREATE TABLE books (
			id     INTEGER PRIMARY KEY,
			title  TEXT NOT NULL UNIQUE,
			shelf  TEXT NOT NULL DEFAULT '',
			place  INTEGER,
			pages  INTEGER CHECK (pages > 0),
			price  INTEGER CONSTRAINT price_is_fair CHECK (price < 100),
			author INTEGER REFERENCES authors (id) DEFERRABLE,
			cover  BLOB,
			UNIQUE (shelf, place)
		)`,
		`CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID`,
		`INSERT INTO books (id, title, shelf, place) VALUES (1, 'first', 'A', 1)`,
		`INSERT INTO words VALUES ('first')`,
	)
}

// The codes of SQLite that the tests name; https://sqlite.org/rescode.html
const (
	codeBusy       = 5
	codeReadOnly   = 8
	codeCorrupt    = 11
	codeFull       = 13
	codeTooBig     = 18
	codeCheck      = 275
	codeForeignKey = 787
	codeNotNull    = 1299
	codePrimaryKey = 1555
	codeUnique     = 2067
)

// TestConstraints fails each kind of constraint in each way that a program has to run
// a statement.
func TestConstraints(t *testing.T) {
	t.Parallel()
	failures := []struct {
		name      string
		statement string
		kind      error
		code      int
		message   string
	}{
		{"unique", "INSERT INTO books (title) VALUES ('first')", db.ErrUnique, codeUnique, "UNIQUE constraint failed: books.title"},
		{"unique columns", "INSERT INTO books (title, shelf, place) VALUES ('b', 'A', 1)", db.ErrUnique, codeUnique, "UNIQUE constraint failed: books.shelf, books.place"},
		{"primary key", "INSERT INTO books (id, title) VALUES (1, 'b')", db.ErrUnique, codePrimaryKey, "UNIQUE constraint failed: books.id"},
		{"primary key without rowid", "INSERT INTO words VALUES ('first')", db.ErrUnique, codePrimaryKey, "UNIQUE constraint failed: words.word"},
		{"foreign key", "INSERT INTO books (title, author) VALUES ('b', 7)", db.ErrForeignKey, codeForeignKey, "FOREIGN KEY constraint failed"},
		{"not null", "INSERT INTO books (title) VALUES (NULL)", db.ErrNotNull, codeNotNull, "NOT NULL constraint failed: books.title"},
		{"check", "INSERT INTO books (title, pages) VALUES ('b', 0)", db.ErrCheck, codeCheck, "CHECK constraint failed: pages > 0"},
		{"named check", "INSERT INTO books (title, price) VALUES ('b', 100)", db.ErrCheck, codeCheck, "CHECK constraint failed: price_is_fair"},
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		makeTables(t, pool)
		for _, tt := range failures {
			code := tt.code
			if code == codePrimaryKey {
				// A server sends a text and no code, and the text is that of UNIQUE.
				code = codeUnique
			}
			for how, run := range waysToRun {
				err := run(t.Context(), pool, tt.statement)
				checkError(t, tt.name+", "+how, err, tt.kind, code, tt.message)
				check(t, tt.name+", "+how, fmt.Sprint(err), tt.message)
				checkOwnError(t, d, err, tt.code)
			}
		}
		check(t, "books", get[int](t, pool, "SELECT count(*) FROM books"), 1)
	})
}

// TestErrorJSON reads an error as GORM's driver does, which knows its own errors by ExtendedCode.
func TestErrorJSON(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		makeTables(t, pool)
		key := codePrimaryKey
		if !d.Local() {
			key = codeUnique
		}
		for statement, want := range map[string]string{
			"INSERT INTO books (title) VALUES ('first')":        `{"Kind":"unique constraint failed","Code":2067,"ExtendedCode":2067,"Message":"UNIQUE constraint failed: books.title","Table":"books","Columns":["title"]}`,
			"INSERT INTO words VALUES ('first')":                fmt.Sprintf(`{"Kind":"unique constraint failed","Code":2067,"ExtendedCode":%d,"Message":"UNIQUE constraint failed: words.word","Table":"words","Columns":["word"]}`, key),
			"INSERT INTO books (title, author) VALUES ('b', 7)": `{"Kind":"foreign key constraint failed","Code":787,"ExtendedCode":787,"Message":"FOREIGN KEY constraint failed"}`,
			"SELECT * FROM nowhere":                             `{"Code":1,"ExtendedCode":1,"Message":"no such table: nowhere"}`,
		} {
			_, err := pool.ExecContext(t.Context(), statement)
			got, jsonErr := json.Marshal(err)
			if jsonErr != nil {
				t.Error(jsonErr)
			}
			check(t, statement, string(got), want)
		}
	})
}

// waysToRun are the ways to run a statement that changes something.
var waysToRun = map[string]func(ctx context.Context, pool *sql.DB, statement string) error{
	"Exec": func(ctx context.Context, pool *sql.DB, statement string) error {
		_, err := pool.ExecContext(ctx, statement)
		return err
	},
	"Prepare and Exec": func(ctx context.Context, pool *sql.DB, statement string) error {
		stmt, err := pool.PrepareContext(ctx, statement)
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		defer stmt.Close()
		_, err = stmt.ExecContext(ctx)
		return err
	},
	"Prepare and Query": func(ctx context.Context, pool *sql.DB, statement string) error {
		stmt, err := pool.PrepareContext(ctx, statement+" RETURNING 1")
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		defer stmt.Close()
		return stmt.QueryRowContext(ctx).Scan(new(int))
	},
	"QueryRow": func(ctx context.Context, pool *sql.DB, statement string) error {
		return pool.QueryRowContext(ctx, statement+" RETURNING 1").Scan(new(int))
	},
	"Query": func(ctx context.Context, pool *sql.DB, statement string) error {
		rows, err := pool.QueryContext(ctx, statement+" RETURNING 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	},
	"Conn": func(ctx context.Context, pool *sql.DB, statement string) error {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return fmt.Errorf("conn: %w", err)
		}
		defer conn.Close()
		_, err = conn.ExecContext(ctx, statement)
		return err
	},
	"Tx": func(ctx context.Context, pool *sql.DB, statement string) error {
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer tx.Rollback()
		_, err = tx.ExecContext(ctx, statement)
		return err
	},
	"Tx and Query": func(ctx context.Context, pool *sql.DB, statement string) error {
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer tx.Rollback()
		return tx.QueryRowContext(ctx, statement+" RETURNING 1").Scan(new(int))
	},
}

// checkOwnError looks for the engine's error below ours.
func checkOwnError(t *testing.T, d dbtest.Database, err error, code int) {
	t.Helper()
	var own interface{ Code() int }
	if found := errors.As(err, &own); found != d.Local() {
		t.Errorf("errors.As finds SQLite's own error: %v, want %v", found, d.Local())
	} else if found && own.Code() != code {
		t.Errorf("SQLite's own error has the code %d, want %d", own.Code(), code)
	}
}

// TestCommitFails is about a constraint that is looked at when the transaction ends.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		makeTables(t, pool)
		for range 2 { // the second time, on a connection that has been through it
			tx := begin(t, pool, nil)
			execute(t, tx, "PRAGMA defer_foreign_keys = ON", "INSERT INTO books (title, author) VALUES ('b', 7)")
			checkError(t, "Commit", tx.Commit(), db.ErrForeignKey, codeForeignKey, "FOREIGN KEY constraint failed")
			check(t, "books", get[int](t, pool, "SELECT count(*) FROM books"), 1)
		}
		execute(t, pool, "INSERT INTO books (title) VALUES ('b')")
	})
}

func TestTooBig(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		makeTables(t, pool)
		const message = "string or blob too big"
		_, err := pool.ExecContext(t.Context(), "UPDATE books SET cover = zeroblob(2000000000)")
		checkError(t, "2 GB", err, db.ErrTooBig, codeTooBig, message)

		_, err = pool.ExecContext(t.Context(), "UPDATE books SET cover = ?", make([]byte, 6e6))
		if d.Local() { // where the limit is 1 GB
			if err != nil {
				t.Error(err)
			}
			return
		}
		checkError(t, "6 MB", err, db.ErrTooBig, codeTooBig, message)
	})
}

// TestOtherErrors are those of no kind. Their texts are the engine's.
func TestOtherErrors(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		makeTables(t, pool)
		// What an error quotes doesn't make it one of a kind.
		execute(t, pool, `CREATE TRIGGER rules BEFORE INSERT ON words BEGIN SELECT RAISE(ABORT, 'no words: UNIQUE constraint failed, database is locked'); END`)
		const quoted = "no words: UNIQUE constraint failed, database is locked"
		for _, tt := range []struct {
			statement string
			local     string
			server    string // a part of it
		}{
			{"SELEC 1", `near "SELEC": syntax error`, "syntax error"},
			{"SELECT 1; SELEC 1", `near "SELEC": syntax error`, "syntax error"},
			{"SELECT * FROM nowhere", "no such table: nowhere", "no such table: nowhere"},
			{"SELECT size FROM books", "no such column: size", "no such column: size"},
			{"SELECT abs(-9223372036854775808)", "integer overflow", "integer overflow"},
			{"INSERT INTO words VALUES ('x')", quoted, quoted},
			{`SELECT * FROM "database is locked"`, "no such table: database is locked", "no such table: database is locked"},
		} {
			_, err := pool.ExecContext(t.Context(), tt.statement)
			e := checkKind(t, tt.statement, err, nil)
			if d.Local() {
				check(t, tt.statement, e.Message, tt.local)
			} else if !strings.Contains(e.Message, tt.server) {
				t.Errorf("%s: error %q, want %q", tt.statement, e.Message, tt.server)
			}
		}
	})
}

// TestContextEnds wants the context's own error from every call, soon, and a pool
// that goes on.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	calls := map[string]func(ctx context.Context, pool *sql.DB) error{
		"Exec": func(ctx context.Context, pool *sql.DB) error {
			_, err := pool.ExecContext(ctx, forever)
			return err
		},
		"Query": func(ctx context.Context, pool *sql.DB) error {
			return pool.QueryRowContext(ctx, forever).Scan(new(int))
		},
		"prepared Query": func(ctx context.Context, pool *sql.DB) error {
			stmt, err := pool.PrepareContext(ctx, forever)
			if err != nil {
				return err
			}
			defer stmt.Close()
			return stmt.QueryRowContext(ctx).Scan(new(int))
		},
		"Query in a transaction": func(ctx context.Context, pool *sql.DB) error {
			tx, err := pool.Begin()
			if err != nil {
				return errors.New("no transaction")
			}
			defer tx.Rollback()
			return tx.QueryRowContext(ctx, forever).Scan(new(int))
		},
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for name, call := range calls {
			canceled, cancel := context.WithCancel(t.Context())
			cancel()
			if err := call(canceled, pool); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, canceled before: error %v, want %v", name, err, context.Canceled)
			}

			canceled, cancel = context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			err := call(canceled, pool)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s, canceled: error %v, want %v", name, err, context.Canceled)
			}
			checkText(t, name, err)

			short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			err = call(short, pool)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s, late: error %v, want %v", name, err, context.DeadlineExceeded)
			}
			checkText(t, name, err)
			if kinds := kindsOf(err); kinds != "" {
				t.Errorf("%s, late: error %v is of the kind %s", name, err, kinds)
			}
		}
		check(t, "afterwards", get[int](t, pool, "SELECT 1"), 1)

		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := pool.BeginTx(canceled, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("BeginTx: error %v, want %v", err, context.Canceled)
		}
		if err := pool.PingContext(canceled); !errors.Is(err, context.Canceled) {
			t.Errorf("Ping: error %v, want %v", err, context.Canceled)
		}
		if _, err := db.Open(canceled, d.URL); !errors.Is(err, context.Canceled) {
			t.Errorf("Open: error %v, want %v", err, context.Canceled)
		}
	})
}
