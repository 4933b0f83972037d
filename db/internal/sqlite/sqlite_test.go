package sqlite

import (
	"context"
	"database/sql/driver"
	"io"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
	"github.com/google/go-cmp/cmp"
	sqlite3 "modernc.org/sqlite/lib"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// checkKind wants an error of the engine with the given kind and code.
func checkKind(t testing.TB, what string, err, kind error, code int) {
	t.Helper()
	e, ok := err.(*engine.Error)
	if !ok {
		t.Errorf("%s: got error %v, want an *engine.Error", what, err)
	} else if e.Kind != kind || e.Code != code {
		t.Errorf("%s: got error %q of kind %v and code %d, want kind %v and code %d", what, e, e.Kind, e.Code, kind, code)
	}
}

// connect opens a connection, which is closed at the end, and the database after it.
func connect(t testing.TB, d engine.Database) *conn {
	t.Helper()
	t.Cleanup(func() { must(t, d.Close()) })
	return reconnect(t, d)
}

// reconnect opens another connection to a database.
func reconnect(t testing.TB, d engine.Database) *conn {
	t.Helper()
	c, err := d.Connect(context.Background())
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c.(*conn)
}

// fileOf returns the address of a connection's open file.
func fileOf(t testing.TB, c *conn) uintptr {
	t.Helper()
	file := c.openFile(sqlite3.SQLITE_FCNTL_FILE_POINTER)
	if file == 0 {
		t.Fatal("the connection has no file")
	}
	return file
}

func statement(kind sqltext.Kind, text string) *sqltext.Statement {
	return &sqltext.Statement{Text: text, Kind: kind, Upsert: strings.Contains(text, "DO UPDATE")}
}

// prepare prepares a statement, which the connection closes with itself.
func prepare(t testing.TB, c *conn, kind sqltext.Kind, text string) engine.Stmt {
	t.Helper()
	s, err := c.Prepare(context.Background(), statement(kind, text))
	must(t, err)
	return s
}

// tryExec runs a statement and returns its error.
func tryExec(ctx context.Context, c *conn, kind sqltext.Kind, text string, args ...driver.Value) (engine.Result, error) {
	s, err := c.Prepare(ctx, statement(kind, text))
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	return s.Exec(ctx, args)
}

func exec(t testing.TB, c *conn, kind sqltext.Kind, text string, args ...driver.Value) engine.Result {
	t.Helper()
	result, err := tryExec(context.Background(), c, kind, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return result
}

// mustExec runs statements that insert nothing.
func mustExec(t testing.TB, c *conn, texts ...string) {
	t.Helper()
	for _, text := range texts {
		exec(t, c, sqltext.Other, text)
	}
}

// query returns all values of a query.
func query(t testing.TB, c *conn, text string, args ...driver.Value) [][]driver.Value {
	t.Helper()
	s := prepare(t, c, sqltext.Read, text)
	defer s.Close()
	r, err := s.Query(context.Background(), args)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return readRows(t, r)
}

func readRows(t testing.TB, r engine.Rows) [][]driver.Value {
	t.Helper()
	defer r.Close()
	var all [][]driver.Value
	for {
		row := make([]driver.Value, len(r.Columns()))
		if err := r.Next(row); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
}

// get returns the one value of a query.
func get(t testing.TB, c *conn, text string, args ...driver.Value) driver.Value {
	t.Helper()
	all := query(t, c, text, args...)
	if len(all) != 1 || len(all[0]) != 1 {
		t.Fatalf("%s: got %v, want one value", text, all)
	}
	return all[0][0]
}
