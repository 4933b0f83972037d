package hrana_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
	"github.com/google/go-cmp/cmp"
)

// open opens a database that is closed when the test ends.
func open(t *testing.T, cfg transport.Config) engine.Database {
	t.Helper()
	cfg.BusyTimeout = 5 * time.Second
	d := hrana.New(cfg)
	hrana.AssumeTransactions(d)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// connect returns a connection that is closed when the test ends.
func connect(t *testing.T, d engine.Database) engine.Conn {
	t.Helper()
	c, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// serve starts a server and returns a connection to it, and the database.
func serve(t *testing.T, opts ...dbtest.ServerOption) (engine.Conn, engine.Database) {
	t.Helper()
	d := open(t, transport.Config{URL: dbtest.StartServer(t, opts...).URL()})
	return connect(t, d), d
}

// kindOf returns the kind of a statement of these tests, which are simple.
func kindOf(sql string) sqltext.Kind {
	for prefix, kind := range map[string]sqltext.Kind{
		"SELECT": sqltext.Read, "VALUES": sqltext.Read, "EXPLAIN": sqltext.Read, "WITH": sqltext.Read,
		"INSERT": sqltext.Insert, "REPLACE": sqltext.Insert,
		"UPDATE": sqltext.Change, "DELETE": sqltext.Change,
		"BEGIN IMMEDIATE": sqltext.BeginWrite, "COMMIT": sqltext.Commit, "PRAGMA": sqltext.Pragma,
		"SAVEPOINT": sqltext.Savepoint, "RELEASE": sqltext.Savepoint, "ROLLBACK TO": sqltext.Savepoint,
		"VACUUM": sqltext.Outside,
	} {
		if strings.HasPrefix(sql, prefix) {
			return kind
		}
	}
	switch sql {
	case "BEGIN":
		return sqltext.BeginDeferred
	case "ROLLBACK":
		return sqltext.Rollback
	}
	return sqltext.Other
}

// statement returns a statement. Its parameters, if any, are all ?.
func statement(sql string) sqltext.Statement {
	return sqltext.Statement{
		Text:   sql,
		Kind:   kindOf(sql),
		Params: make([]string, strings.Count(sql, "?")),
		Upsert: strings.Contains(sql, "DO UPDATE"),
	}
}

func prepare(t *testing.T, c engine.Conn, st sqltext.Statement) engine.Stmt {
	t.Helper()
	s, err := c.Prepare(t.Context(), &st)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func exec(ctx context.Context, t *testing.T, c engine.Conn, sql string, args ...driver.Value) (engine.Result, error) {
	t.Helper()
	return prepare(t, c, statement(sql)).Exec(ctx, args)
}

// must runs statements, which must succeed.
func must(t *testing.T, c engine.Conn, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := exec(t.Context(), t, c, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func query(t *testing.T, c engine.Conn, sql string, args ...driver.Value) (engine.Rows, error) {
	t.Helper()
	return prepare(t, c, statement(sql)).Query(t.Context(), args)
}

// all returns all rows.
func all(rows engine.Rows) (found [][]driver.Value, err error) {
	for {
		row := make([]driver.Value, len(rows.Columns()))
		switch err := rows.Next(row); {
		case err == io.EOF:
			return found, rows.Close()
		case err != nil:
			rows.Close()
			return found, err
		}
		found = append(found, row)
	}
}

func get(t *testing.T, c engine.Conn, sql string, args ...driver.Value) [][]driver.Value {
	t.Helper()
	rows, err := query(t, c, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	found, err := all(rows)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return found
}

func check(t *testing.T, what string, got, want any, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

// checkRow checks that a query returns one row, and its values.
func checkRow(t *testing.T, c engine.Conn, sql string, want ...driver.Value) {
	t.Helper()
	check(t, sql, get(t, c, sql), [][]driver.Value{want})
}

// checkError checks that err is an *engine.Error with these fields, and returns it.
func checkError(t *testing.T, what string, err, kind error, code int, message string) *engine.Error {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v (%T), want an *engine.Error", what, err, err)
		return &engine.Error{}
	}
	if e.Kind != kind || e.Code != code || !strings.Contains(e.Message, message) {
		t.Errorf("%s: error of kind %v, code %d: %q; want %v, %d: %q", what, e.Kind, e.Code, e.Message, kind, code, message)
	}
	return e
}

func checkTxLost(t *testing.T, what string, err error) {
	t.Helper()
	checkError(t, what, err, engine.ErrTxLost, 0, engine.ErrTxLost.Error())
}
