package hrana

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// This file serves tests with answers that a real server doesn't give.

// canary is a token that no error may show.
const canary = "eyJhbGciOiJFZERTQSJ9.canary"

// okReply is a reply to a statement: one row with the number 1.
const okReply = `{"baton":"b","base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"1","decltype":null}],"rows":[[{"type":"integer","value":"1"}]],"affected_row_count":0,"last_insert_rowid":null,"replication_index":null,"rows_read":0,"rows_written":0,"query_duration_ms":0.01}}}]}`

// txReply is a reply to the first statement of a transaction.
const txReply = `{"baton":"b","base_url":null,"results":[` +
	`{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null},{"cols":[],"rows":[],"affected_row_count":1,"last_insert_rowid":"1"}],"step_errors":[null,null]}}},` +
	`{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`

// script starts a server that answers with a function, which gets the number of the request and its
// body. It returns the server's URL.
func script(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int, body string)) string {
	t.Helper()
	var n atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		answer(w, r, int(n.Add(1)), string(body))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// always200 answers every request with body.
func always200(body string) func(http.ResponseWriter, *http.Request, int, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { fmt.Fprint(w, body) }
}

// breakOff ends the connection instead of answering.
func breakOff(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func newConn(t *testing.T, cfg transport.Config) *conn {
	t.Helper()
	if cfg.BusyTimeout == 0 {
		cfg.BusyTimeout = 300 * time.Millisecond
	}
	d := New(cfg).(*database)
	d.hasTransactions.Store(true)
	c, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return c.(*conn)
}

func withToken(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

var (
	selectOne = &sqltext.Statement{Text: "SELECT 1", Kind: sqltext.Read}
	insertOne = &sqltext.Statement{Text: "INSERT INTO t VALUES (1)", Kind: sqltext.Insert}
)

func exec(t *testing.T, c *conn, st *sqltext.Statement) error {
	t.Helper()
	return execContext(t.Context(), t, c, st)
}

func execContext(ctx context.Context, t *testing.T, c *conn, st *sqltext.Statement) error {
	t.Helper()
	s, err := c.Prepare(ctx, st)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Exec(ctx, nil)
	return err
}

// queryAll returns the number of rows.
func queryAll(t *testing.T, c *conn, st *sqltext.Statement) (n int, err error) {
	t.Helper()
	s, err := c.Prepare(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Query(t.Context(), nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; ; n++ {
		if err := rows.Next(make([]driver.Value, len(rows.Columns()))); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

// checkErr checks that err is an *engine.Error with these fields and shows no token.
func checkErr(t *testing.T, what string, err, kind error, unknown bool, message string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v (%T), want an *engine.Error", what, err, err)
		return
	}
	if e.Kind != kind || e.OutcomeUnknown != unknown || !strings.HasPrefix(e.Message, message) {
		t.Errorf("%s: %v, outcome unknown %v: %q; want %v, %v: %q", what, e.Kind, e.OutcomeUnknown, e.Message, kind, unknown, message)
	}
	if text := fmt.Sprintf("%v %+v %#v %v", err, err, err, errors.Unwrap(err)); strings.Contains(text, canary) {
		t.Errorf("%s: the error shows the token: %s", what, text)
	}
}
