package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A primary is a server whose data folder a test can replace.
type primary struct {
	*dbtest.Server
	folder string
}

// newPrimary starts a server.
func newPrimary(t *testing.T, opts ...dbtest.ServerOption) *primary {
	t.Helper()
	folder := t.TempDir()
	return &primary{dbtest.StartServer(placed{t, folder}, opts...), folder}
}

// smallLog has a server compact its log after each MiB, so that a replica needs snapshots.
var smallLog = dbtest.WithArgs("--max-log-size", "1")

// placed is a test with a known folder for the server.
type placed struct {
	testing.TB
	folder string
}

func (p placed) TempDir() string { return p.folder }

func (p *primary) data() string { return filepath.Join(p.folder, "data") }

// replace stops the server, and starts it after change has changed its data folder.
func (p *primary) replace(t *testing.T, change func() error) {
	t.Helper()
	p.Stop()
	if err := change(); err != nil {
		t.Fatal(err)
	}
	p.Restart()
}

// copyFolder makes to a copy of from.
func copyFolder(to, from string) error {
	return errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from)))
}

// database is the server's database, without a replica.
func (p *primary) database() dbtest.Database {
	return dbtest.Database{Name: "server", URL: p.URL(), Server: p.Server}
}

// withReplica is a URL with a replica at path.
func withReplica(server, path string) string {
	return server + "?replica=" + url.QueryEscape(path)
}

// openReplica opens a pool with a replica. A read may wait for long, as a busy machine and a server
// that compacts its log make it do.
func openReplica(t *testing.T, server, path string, opts ...db.Option) *sql.DB {
	t.Helper()
	pool, err := db.Open(t.Context(), withReplica(server, path), slices.Concat(options(true), opts)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func execute(t *testing.T, pool *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// catchUp waits until a replica has all of its server.
func catchUp(t *testing.T, pool *sql.DB) db.ReplicaState {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		state, err := db.Sync(ctx, pool)
		if err == nil {
			return state
		}
		if !errors.Is(err, db.ErrUnavailable) || ctx.Err() != nil {
			t.Fatalf("Sync: %v", err)
		}
	}
}

// dump returns the schema and all rows as text.
func dump(t *testing.T, pool *sql.DB) string {
	t.Helper()
	var text strings.Builder
	err := db.InReadTx(t.Context(), pool, func(tx *sql.Tx) error {
		text.Reset()
		var tables []string
		err := eachRow(t.Context(), tx, "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name", func(row []any) {
			fmt.Fprintln(&text, row...)
			if row[0] == "table" {
				tables = append(tables, row[1].(string))
			}
		})
		for _, table := range tables {
			err = errors.Join(err, eachRow(t.Context(), tx, fmt.Sprintf("SELECT * FROM %q ORDER BY rowid", table), func(row []any) {
				fmt.Fprintln(&text, append(row, table)...)
			}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func eachRow(ctx context.Context, tx *sql.Tx, query string, each func([]any)) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	row, to := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		to[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		each(row)
	}
	return rows.Err()
}

// checkSame compares a replica, after Sync, with its server.
func checkSame(t *testing.T, replica, server *sql.DB) {
	t.Helper()
	catchUp(t, replica)
	if got, want := dump(t, replica), dump(t, server); got != want {
		t.Errorf("the replica has\n%s\nand the server\n%s", shorten(got), shorten(want))
	}
	checkIntegrity(t, replica)
}

func shorten(text string) string { return text[:min(len(text), 2000)] }
