package hrana

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
		c := newConn(t, transport.Config{URL: script(t, always200(body)), Token: withToken(canary)})
		what := fmt.Sprintf("%.80q", body)
		_, err := queryAll(t, c, selectOne)
		checkErr(t, what, err, engine.ErrUnavailable, false, "the answer is not from a libSQL server")
		if !strings.Contains(body, `"rows":[[{`) { // Exec doesn't look at rows
			checkErr(t, what+" to Exec", exec(t, c, insertOne), engine.ErrUnavailable, true, "the answer is not from a libSQL server")
		}
		checkNoStream(t, what, c)
		if err := c.Begin(t.Context(), engine.Write); err != nil {
			t.Fatal(err)
		}
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrUnavailable, false, "the answer is not from a libSQL server")
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrTxLost, false, "")
		c.Close()
	}
}

func checkNoStream(t *testing.T, what string, c *conn) {
	t.Helper()
	if c.stream.baton != "" {
		t.Errorf("%s: the connection goes on with its stream", what)
	}
}

// TestFieldOrder reads a reply with its fields in another order, and with unknown fields.
func TestFieldOrder(t *testing.T) {
	t.Parallel()
	c := newConn(t, transport.Config{URL: script(t, always200(` { "new" : [ { "x" : [ 1.5e-3 , true , false , null , "\"" ] } ] , "results" : [ { "response" : { "result" : { "rows" : [ [ { "value" : "\ud83d\ude00\/\u00e9\ud83d" , "type" : "text" } , { "base64" : "AA==" , "type" : "blob" } ] ] , "cols" : [ { "decltype" : "TEXT" , "name" : "a\u0062" } , { } ] } , "type" : "execute" } , "type" : "ok" } ] , "baton" : "b" } `))})
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

// TestLostAnswers checks requests that reach the server and get no answer.
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
		c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, n int, body string) {
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
		checkErr(t, what+": then", exec(t, c, insertOne), engine.ErrTxLost, false, "")
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

// TestGoneStream checks requests on a stream that the server doesn't know. Nothing has run then.
func TestGoneStream(t *testing.T) {
	t.Parallel()
	for _, answer := range []struct {
		status int
		body   string
	}{
		{400, "Received an invalid baton"},
		{400, `{"message":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}`},
		{500, `{"message":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}`},
	} {
		var gone bool
		c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, body string) {
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
			checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrTxLost, false, "")
			if err := c.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := newConn(t, transport.Config{RequestTimeout: 50 * time.Millisecond, URL: script(t, func(http.ResponseWriter, *http.Request, int, string) {
		<-release
	})})
	t.Cleanup(func() { close(release) }) // runs before the server's cleanup
	err := exec(t, c, insertOne)
	checkErr(t, "write", err, engine.ErrUnavailable, true, "no answer from the server: no answer within the time limit")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v isn't that of a deadline", err)
	}
	checkErr(t, "read", exec(t, c, selectOne), engine.ErrUnavailable, false, "no answer from the server")
}

// TestUnreachable checks requests that can't be sent.
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
		c := newConn(t, transport.Config{URL: url, Token: withToken(canary), InsecureToken: true})
		checkErr(t, what, exec(t, c, insertOne), engine.ErrUnavailable, false, "can't reach the server: ")
		if err := c.Begin(t.Context(), engine.Write); err != nil {
			t.Fatal(err)
		}
		checkErr(t, what+" in a transaction", exec(t, c, insertOne), engine.ErrUnavailable, false, "can't reach the server: ")
		if !c.InTx() {
			t.Errorf("%s: a transaction that isn't begun is over", what)
		}
	}
	ok := newConn(t, transport.Config{URL: script(t, always200(okReply)), TLS: &tls.Config{MinVersion: tls.VersionTLS13}})
	if err := exec(t, ok, selectOne); err != nil {
		t.Error(err)
	}
	for _, url := range []string{"", "x", "ftp://a", "http://", "http://u:secret@a", "http://a?authToken=secret", "http://a#b", "://"} {
		_, err := New(transport.Config{URL: url}).Connect(t.Context())
		checkErr(t, url, err, engine.ErrCantOpen, false, "the server's address is malformed: want http")
	}
}

// TestSilentServer closes connections to a server that doesn't answer. A pool closes many in a row,
// and must wait only for the first.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var closes atomic.Int64
	first := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, body string) {
		if strings.Contains(body, `"close"`) {
			closes.Add(1)
			<-release
		}
		fmt.Fprint(w, okReply)
	})})
	t.Cleanup(func() { close(release) }) // runs before the server's cleanup
	connected, err := first.db.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := connected.(*conn)
	for _, c := range []*conn{first, second} {
		if err := exec(t, c, selectOne); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []*conn{first, second} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := closes.Load(); n != 1 {
		t.Errorf("%d requests to close, want 1", n)
	}
	checkErr(t, "after Close", exec(t, first, selectOne), nil, false, "the connection is closed")
}

// TestEndlessReply checks replies longer than transport.MaxAnswer. A read runs again by a cursor.
func TestEndlessReply(t *testing.T) {
	t.Parallel()
	piece := strings.Repeat(" ", 1<<20)
	c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
		if strings.HasSuffix(r.URL.Path, "/cursor") {
			fmt.Fprint(w, `{"baton":"b","base_url":null}
{"type":"step_begin","step":0,"cols":[{"name":"a","decltype":null}]}
{"type":"row","row":[{"type":"text","value":"`+strings.Repeat("x", 200000)+`"}]}
{"type":"row","row":[{"type":"null"}]}
{"type":"step_end","affected_row_count":0,"last_insert_rowid":null}
`)
			return
		}
		for range transport.MaxAnswer>>20 + 1 {
			fmt.Fprint(w, piece)
		}
	})})
	if n, err := queryAll(t, c, selectOne); n != 2 || err != nil {
		t.Errorf("a read: %d rows, %v", n, err)
	}
	checkErr(t, "a write", exec(t, c, insertOne), engine.ErrTooBig, true, "the answer is larger than 64 MiB")
	checkNoStream(t, "a write", c)
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s", r.Proto)
		}
		fmt.Fprint(w, okReply)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := newConn(t, transport.Config{URL: server.URL, Token: withToken(canary), TLS: &tls.Config{RootCAs: roots}})
	for range 3 {
		if n, err := queryAll(t, c, selectOne); n != 1 || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
	}
}

// TestBrokenCursors cuts the answer of a cursor at each byte.
func TestBrokenCursors(t *testing.T) {
	t.Parallel()
	const whole = `{"baton":"b","base_url":null}
{"type":"step_begin","step":0,"cols":[{"name":"a","decltype":null}]}
{"type":"row","row":[{"type":"integer","value":"1"}]}
{"type":"step_end","affected_row_count":0,"last_insert_rowid":null}
`
	var cut atomic.Int64
	tooLarge := strings.NewReplacer(`"type":"ok"`, `"type":"error"`, okReply[strings.Index(okReply, `"response"`):], `"error":{"message":"Response is too large","code":"RESPONSE_TOO_LARGE"}}]}`).Replace(okReply)
	url := script(t, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
		if strings.HasSuffix(r.URL.Path, "/cursor") {
			fmt.Fprint(w, whole[:cut.Load()])
		} else {
			fmt.Fprint(w, tooLarge)
		}
	})
	c := newConn(t, transport.Config{URL: url})
	for n := range len(whole) - 1 {
		cut.Store(int64(n))
		_, err := queryAll(t, c, selectOne)
		if err == nil {
			t.Errorf("%q has no error", whole[:n])
			continue
		}
		checkErr(t, whole[:n], err, engine.ErrUnavailable, false, "")
		checkNoStream(t, whole[:n], c)
	}
	cut.Store(int64(len(whole)))
	if n, err := queryAll(t, c, selectOne); n != 1 || err != nil {
		t.Errorf("the whole: %d rows, %v", n, err)
	}
}
