package hrana

import (
	"context"
	"crypto/tls"
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
	"github.com/duolite/duolite/db/internal/sqltext"
)

// These tests are about answers that the real server can't be made to give.

// canary is a token that must not be seen anywhere.
const canary = "eyJhbGciOiJFZERTQSJ9.canary"

// okReply is a reply to a statement: one row with the number 1.
const okReply = `{"baton":"b","base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"1","decltype":null}],"rows":[[{"type":"integer","value":"1"}]],"affected_row_count":0,"last_insert_rowid":null,"replication_index":null,"rows_read":0,"rows_written":0,"query_duration_ms":0.01}}}]}`

// txReply is a reply to the first statement of a transaction.
const txReply = `{"baton":"b","base_url":null,"results":[` +
	`{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null},{"cols":[],"rows":[],"affected_row_count":1,"last_insert_rowid":"1"}],"step_errors":[null,null]}}},` +
	`{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`

// script is a server that answers by a function, which is given the number of the
// request and its body.
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

// always answers the same.
func always200(body string) func(http.ResponseWriter, *http.Request, int, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { fmt.Fprint(w, body) }
}

// breakOff ends the connection instead of answering.
func breakOff(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func newConn(t *testing.T, cfg Config) *conn {
	t.Helper()
	d := New(cfg).(*database)
	d.busyTime = 300 * time.Millisecond
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

// queryAll reads all rows.
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

// checkErr wants an error of the engine.
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

func TestHostileReplies(t *testing.T) {
	t.Parallel()
	result := func(fields string) string {
		return `{"baton":null,"results":[{"type":"ok","response":{"type":"execute","result":{` + fields + `}}}]}`
	}
	value := func(v string) string {
		return result(`"cols":[{"name":"a"}],"rows":[[` + v + `]],"affected_row_count":0`)
	}
	for _, body := range []string{
		"", "null", "{}", "[]", "true", `"x"`, "<html><p>Hello</p></html>", okReply[:len(okReply)-1], okReply[:200], okReply + "x",
		`{"results":null}`, `{"results":{}}`, `{"results":[]}`, `{"results":[null]}`, `{"results":[{}]}`, `{"results":[`,
		`{"baton":7,"results":[]}`, `{"baton":"b","base_url":{},"results":[]}`,
		`{"results":[{"type":"ok"}]}`, `{"results":[{"type":"ok","response":null}]}`, `{"results":[{"type":"ok","response":{}}]}`,
		`{"results":[{"type":"error"}]}`, `{"results":[{"type":"error","error":null}]}`, `{"results":[{"type":"error","error":7}]}`,
		`{"results":[{"type":"ok","response":{"type":"execute"}}]}`,
		`{"results":[{"type":"ok","response":{"type":"execute","result":null}}]}`,
		`{"results":[{"type":"ok","response":{"type":"close"}}]}`,
		`{"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[null],"step_errors":[null]}}}]}`,
		strings.Replace(okReply, `"results":[`, `"results":[{"type":"ok","response":{"type":"close"}},`, 1),
		`{"results":[` + strings.Repeat(`{"type":"ok","response":{"type":"close"}},`, 50) + `{}]}`,
		result(`"cols":[],"rows":[[{"type":"null"}]]`), result(`"cols":[{"name":"a"}],"rows":[[]]`),
		result(`"cols":[{"name":"a"}],"rows":[[{"type":"null"}],[]]`), result(`"cols":[{"name":"a"}],"rows":[null]`),
		result(`"cols":7`), result(`"rows":{}`), result(`"cols":[null]`), result(`"cols":[{"name":7}]`),
		result(`"affected_row_count":-1`), result(`"affected_row_count":1e3`), result(`"affected_row_count":99999999999999999999`),
		result(`"last_insert_rowid":7`), result(`"last_insert_rowid":"x"`), result(`"last_insert_rowid":"9223372036854775808"`),
		value(`7`), value(`null`), value(`{}`), value(`{"type":"x"}`), value(`{"type":"integer","value":7}`), value(`{"type":"integer","value":"7x"}`),
		value(`{"type":"integer","value":"9223372036854775808"}`), value(`{"type":"integer"}`), value(`{"type":"float","value":"7"}`),
		value(`{"type":"float","value":1e999}`), value(`{"type":"float","value":1-2}`), value(`{"type":"text","value":null}`), value(`{"type":"text","base64":7}`),
		value(`{"type":"text","value":"\x"}`), value(`{"type":"text","value":"\u12"}`), value("{\"type\":\"text\",\"value\":\"\n\"}"),
		value(`{"type":"blob","base64":"*"}`), value(`{"type":"blob","base64":"A"}`), value(`{"type":"blob","value":null}`),
		strings.Repeat("[", 100000), `{"x":` + strings.Repeat(`{"x":`, 100000),
	} {
		c := newConn(t, Config{URL: script(t, always200(body)), Token: withToken(canary)})
		what := fmt.Sprintf("%.80q", body)
		_, err := queryAll(t, c, selectOne)
		checkErr(t, what, err, engine.ErrUnavailable, false, "what answers is not a libSQL server")
		if !strings.Contains(body, `"rows":[[{`) { // Exec doesn't look at rows
			checkErr(t, what+" to Exec", exec(t, c, insertOne), engine.ErrUnavailable, true, "what answers is not a libSQL server")
		}
		checkNoStream(t, what, c)
		if err := c.Begin(t.Context(), engine.Write); err != nil {
			t.Fatal(err)
		}
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrUnavailable, false, "what answers is not a libSQL server")
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrTxOver, false, "")
		c.Close()
	}
}

func checkNoStream(t *testing.T, what string, c *conn) {
	t.Helper()
	if c.stream.baton != "" {
		t.Errorf("%s: the connection goes on with its stream", what)
	}
}

// TestFieldOrder reads the same reply in another order, with fields that are unknown.
func TestFieldOrder(t *testing.T) {
	t.Parallel()
	c := newConn(t, Config{URL: script(t, always200(` { "new" : [ { "x" : [ 1.5e-3 , true , false , null , "\"" ] } ] , "results" : [ { "response" : { "result" : { "rows" : [ [ { "value" : "\ud83d\ude00\/\u00e9\ud83d" , "type" : "text" } , { "base64" : "AA==" , "type" : "blob" } ] ] , "cols" : [ { "decltype" : "TEXT" , "name" : "a\u0062" } , { } ] } , "type" : "execute" } , "type" : "ok" } ] , "baton" : "b" } `))})
	s, err := c.Prepare(t.Context(), selectOne)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Query(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	dest := make([]driver.Value, 2)
	if err := rows.Next(dest); err != nil || dest[0] != "😀/é\uFFFD" || string(dest[1].([]byte)) != "\x00" {
		t.Errorf("got %q, %v", dest, err)
	}
	if got := rows.Columns()[0]; got != (engine.Column{Name: "ab", Declared: "TEXT"}) {
		t.Errorf("got the column %v", got)
	}
}

// TestLostAnswers is about requests that have arrived, and nothing comes back.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for what, lose := range map[string]func(w http.ResponseWriter){
		"no answer": breakOff,
		"half an answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, okReply[:100])
		},
		"502": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>"+canary)
		},
	} {
		var requests, lost atomic.Int64
		lost.Store(1)
		c := newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, n int, body string) {
			requests.Store(int64(n))
			switch {
			case lost.Add(-1) >= 0:
				lose(w)
			case strings.Contains(body, "BEGIN"):
				fmt.Fprint(w, txReply)
			default:
				fmt.Fprint(w, okReply)
			}
		})})
		checkErr(t, what+" to a write", exec(t, c, insertOne), engine.ErrUnavailable, true, "")
		if n := requests.Load(); n != 1 {
			t.Errorf("%s to a write: it is sent %d times", what, n)
		}
		checkNoStream(t, what, c)
		if err := exec(t, c, insertOne); err != nil {
			t.Errorf("%s: then: %v", what, err)
		}
		if what != "502" {
			lost.Store(1)
			if n, err := queryAll(t, c, selectOne); n != 1 || err != nil {
				t.Errorf("%s to a read: %d rows, %v", what, n, err)
			}
		}
		lost.Store(2)
		checkErr(t, what+" to a read, twice", exec(t, c, selectOne), engine.ErrUnavailable, false, "")
		lost.Store(0)

		begin := func() {
			if err := c.Begin(t.Context(), engine.Write); err != nil {
				t.Fatal(err)
			}
			if err := exec(t, c, insertOne); err != nil {
				t.Fatal(err)
			}
		}
		begin()
		lost.Store(1)
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrUnavailable, false, "")
		checkErr(t, what+": then", exec(t, c, insertOne), engine.ErrTxOver, false, "")
		if err := c.Rollback(t.Context()); err != nil {
			t.Errorf("%s: Rollback: %v", what, err)
		}
		begin()
		lost.Store(1)
		checkErr(t, what+" to COMMIT", c.Commit(t.Context()), engine.ErrUnavailable, true, "")
		if c.InTx() || c.state != idle {
			t.Errorf("%s to COMMIT: the transaction goes on", what)
		}
		begin()
		lost.Store(1)
		checkErr(t, what+" to ROLLBACK", c.Rollback(t.Context()), engine.ErrUnavailable, false, "")
		if err := exec(t, c, insertOne); err != nil {
			t.Errorf("%s: after ROLLBACK: %v", what, err)
		}
		c.Close()
	}
}

// TestGoneStream is about a server that doesn't know the stream: nothing ran.
func TestGoneStream(t *testing.T) {
	t.Parallel()
	for _, answer := range []struct {
		status int
		body   string
	}{
		{400, "Received an invalid baton"},
		{400, "Received a baton that has already been used"},
		{400, `{"message":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}`},
		{500, `{"message":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}`},
	} {
		var gone bool
		c := newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, body string) {
			switch {
			case gone && strings.Contains(body, "baton"):
				w.WriteHeader(answer.status)
				fmt.Fprint(w, answer.body)
			case strings.Contains(body, "BEGIN"):
				fmt.Fprint(w, txReply)
			default:
				fmt.Fprint(w, okReply)
			}
		})})
		what := fmt.Sprint(answer)
		for _, st := range []*sqltext.Statement{insertOne, selectOne} {
			gone = false
			if err := exec(t, c, st); err != nil {
				t.Fatal(err)
			}
			gone = true
			if err := exec(t, c, st); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		for range 2 {
			gone = false
			if err := errors.Join(exec(t, c, insertOne), c.Begin(t.Context(), engine.Write)); err != nil {
				t.Fatal(err)
			}
			gone = true
			if err := exec(t, c, insertOne); err != nil {
				t.Errorf("%s, first in a transaction: %v", what, err)
			}
			checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrTxOver, false, "")
			if err := c.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	html := "<!DOCTYPE html>\n<html>\n" + strings.Repeat("<p>Something went wrong.</p>\n", 100)
	for _, tt := range []struct {
		status  int
		body    string
		kind    error
		unknown bool
		want    string
	}{
		{502, html, engine.ErrUnavailable, true, "error code 502, from something that is not a libSQL server"},
		{503, `{"error": "Try\nlater"}`, engine.ErrUnavailable, true, "error code 503: Try later"},
		{500, "", engine.ErrUnavailable, true, "error code 500"},
		{500, `{"message":"m","code":"c"}`, engine.ErrUnavailable, true, "error code 500: m"},
		{429, `{"error": "Too many requests"}`, engine.ErrUnavailable, false, "error code 429: Too many requests"},
		{401, html, engine.ErrUnauthorized, false, "error code 401, from something that is not a libSQL server"},
		{403, `{"error":"Authorization forbidden: Current session doesn't not have Write permission to namespace default"}`, engine.ErrReadOnly, false, "error code 403: Authorization forbidden"},
		{403, `{"error":"Forbidden"}`, engine.ErrUnauthorized, false, "error code 403: Forbidden"},
		{404, html, nil, false, "error code 404, from something that is not a libSQL server"},
		{400, "Cannot deserialize client message from JSON: secret", nil, false, "error code 400: the server doesn't understand the request"},
		{413, "", engine.ErrTooBig, false, "error code 413"},
		{418, strings.Repeat("é ", 1000), nil, false, "error code 418: é é"},
		{418, "you sent " + canary, nil, false, "error code 418: you sent [token]"},
		{204, "", engine.ErrUnavailable, true, "error code 204"},
	} {
		c := newConn(t, Config{Token: withToken(canary), URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})})
		what := fmt.Sprintf("%d %.20q", tt.status, tt.body)
		err := exec(t, c, insertOne)
		checkErr(t, what, err, tt.kind, tt.unknown, tt.want)
		if len(err.Error()) > 350 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error is %d bytes: %q", what, len(err.Error()), err)
		}
		checkNoStream(t, what, c)
	}
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, message string
		kind          error
		number        int
		want          string
	}{
		{"SQLITE_CONSTRAINT", "SQLite error: UNIQUE constraint failed: t.x", engine.ErrUnique, engine.CodeUnique, "UNIQUE constraint failed: t.x"},
		{"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLite error: UNIQUE constraint failed: t.x", engine.ErrUnique, engine.CodePrimaryKey, "UNIQUE constraint failed: t.x"},
		{"SQLITE_CONSTRAINT_VTAB", "x", nil, engine.CodeTrigger, "x"},
		{"SQLITE_BUSY_SNAPSHOT", "SQLite error: database is locked", engine.ErrBusy, engine.CodeBusy, "database is locked"},
		{"TRANSACTION_TIMEOUT", "Transaction timed out", engine.ErrBusy, engine.CodeBusy, "Transaction timed out"},
		{"SQL_INPUT_ERROR", "SQL input error: no such column: x (at offset 7)", nil, engine.CodeError, "no such column: x"},
		{"SQL_INPUT_ERROR", "SQLite input error: no such column: x (at offset 7)", nil, engine.CodeError, "no such column: x"},
		{"SQLITE_UNKNOWN", "SQLite error: no such table: a (at offset 7)", nil, engine.CodeError, "no such table: a (at offset 7)"},
		{"ARGS_INVALID", "Arguments do not match SQL parameters: string or blob too big", engine.ErrTooBig, engine.CodeTooBig, "string or blob too big"},
		{"PROXY_ERROR", "database is locked", engine.ErrBusy, engine.CodeBusy, "database is locked"},
		{"", "SQLite error: FOREIGN KEY constraint failed", engine.ErrForeignKey, engine.CodeForeignKey, "FOREIGN KEY constraint failed"},
		{"", "what a RAISE says", nil, 0, "what a RAISE says"},
		{"SQLITE_READONLY", "attempt\nto write", engine.ErrReadOnly, engine.CodeReadOnly, "attempt to write"},
		{"SQLITE_FULL", "database or disk is full", engine.ErrFull, engine.CodeFull, "database or disk is full"},
		{"BLOCKED", "Operation was blocked: quota", nil, 0, "Operation was blocked: quota"},
	} {
		got := (&replyError{tt.message, tt.code}).translate(nil)
		if got.Kind != tt.kind || got.Code != tt.number || got.Message != tt.want {
			t.Errorf("%s %q: got %v, %d, %q", tt.code, tt.message, got.Kind, got.Code, got.Message)
		}
	}
}

// TestBusyServer is about a server that refuses for a while.
func TestBusyServer(t *testing.T) {
	t.Parallel()
	c := newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		if n <= 3 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, okReply)
	})})
	if err := exec(t, c, insertOne); err != nil {
		t.Error(err)
	}
	c = newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
		w.WriteHeader(http.StatusTooManyRequests)
	})})
	c.db.busyTime = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := execContext(ctx, t, c, insertOne); err != error(context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the context alone: nothing ran", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := newConn(t, Config{RequestTimeout: 50 * time.Millisecond, URL: script(t, func(http.ResponseWriter, *http.Request, int, string) {
		<-release
	})})
	t.Cleanup(func() { close(release) }) // before the server's
	err := exec(t, c, insertOne)
	checkErr(t, "write", err, engine.ErrUnavailable, true, "no answer from the server: no answer in the time")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v isn't that of a deadline", err)
	}
	checkErr(t, "read", exec(t, c, selectOne), engine.ErrUnavailable, false, "no answer from the server")
}

// TestUnreachable is about requests that can't be sent.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	plain := script(t, always200(okReply))
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for what, url := range map[string]string{
		"nobody":      "http://127.0.0.1:1",
		"no TLS":      strings.Replace(plain, "http", "https", 1),
		"certificate": secure.URL,
		"no host":     "http://nowhere.invalid",
	} {
		c := newConn(t, Config{URL: url, Token: withToken(canary), InsecureToken: true})
		checkErr(t, what, exec(t, c, insertOne), engine.ErrUnavailable, false, "can't reach the server: ")
		if err := c.Begin(t.Context(), engine.Write); err != nil {
			t.Fatal(err)
		}
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrUnavailable, false, "can't reach the server: ")
		if !c.InTx() {
			t.Errorf("%s: a transaction that isn't begun is over", what)
		}
	}
	ok := newConn(t, Config{URL: script(t, always200(okReply)), TLS: &tls.Config{MinVersion: tls.VersionTLS13}})
	if err := exec(t, ok, selectOne); err != nil {
		t.Error(err)
	}
	for _, url := range []string{"", "x", "ftp://a", "http://", "http://u:secret@a", "http://a?authToken=secret", "http://a#b", "://"} {
		_, err := New(Config{URL: url}).Connect(t.Context())
		checkErr(t, url, err, engine.ErrCantOpen, false, "the server's address isn't")
	}
}
