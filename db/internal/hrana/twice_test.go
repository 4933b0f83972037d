package hrana_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// A sent is the part of a request that the tests read.
type sent struct {
	Requests []struct {
		Stmt struct{ SQL string }
	}
}

// scripted returns a connection to a server that answers with a function.
func scripted(t *testing.T, answer func(w http.ResponseWriter, n int, q sent)) engine.Conn {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var q sent
		if err := json.Unmarshal(body, &q); err != nil {
			t.Error(err)
		}
		n++
		answer(w, n, q)
	}))
	t.Cleanup(server.Close)
	d := open(t, transport.Config{URL: server.URL})
	hrana.AssumeJSON(d)
	return connect(t, d)
}

const done = `{"type":"ok","response":{"type":"execute","result":{"cols":[],"rows":[],"affected_row_count":1}}}`

func wantUnknown(t *testing.T, what string, err error) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Errorf("%s: error %v, want one of an unknown outcome", what, err)
	}
}

// TestOutcomeAfterRollback checks the outcome of a script's statements after its ROLLBACK.
func TestOutcomeAfterRollback(t *testing.T) {
	t.Parallel()
	c := scripted(t, func(w http.ResponseWriter, n int, _ sent) {
		if n > 1 {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, `{"baton":"b","results":[`+done+`,{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`)
	})
	must(t, c, "BEGIN")
	_, err := c.ExecAll(t.Context(), sqltext.Split("ROLLBACK; INSERT INTO t VALUES (1)"))
	wantUnknown(t, "ROLLBACK; INSERT", err)
}

// TestRequestSentTwice checks the outcome if a proxy sends a request twice. The first copy has run, and
// the answer belongs to the second.
func TestRequestSentTwice(t *testing.T) {
	t.Parallel()
	ran := 0
	c := scripted(t, func(w http.ResponseWriter, n int, q sent) {
		if strings.HasPrefix(q.Requests[0].Stmt.SQL, "INSERT") {
			ran++
		}
		if n == 2 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "Received a baton that has already been used")
			return
		}
		fmt.Fprint(w, `{"baton":"b","results":[`+done+`]}`)
	})
	must(t, c, "SELECT 1")
	_, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (1)")
	wantUnknown(t, "INSERT", err)
	check(t, "how often the client sent it", ran, 1)
}

// TestSavepointOfLostTransaction checks a transaction that a statement began and that lost its lock to
// another connection. SAVEPOINT fails, and the statements after it must not run outside of the
// transaction.
func TestSavepointOfLostTransaction(t *testing.T) {
	t.Parallel()
	a, d := serve(t)
	must(t, a, "CREATE TABLE t (x)")
	must(t, a, "BEGIN IMMEDIATE", "INSERT INTO t VALUES ('first half')")
	b := connect(t, d)
	begin(t, b, engine.Write)
	must(t, b, "INSERT INTO t VALUES ('b')") // waits 5 s for the lock of a
	if err := b.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"SAVEPOINT s", "INSERT INTO t VALUES ('second half')"} {
		if _, err := exec(t.Context(), t, a, text); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	checkRow(t, b, "SELECT group_concat(x) FROM t", "b")
}

// TestHTTP2Reset checks that a request isn't sent again if the server runs it and then resets it with an
// error after which net/http sends a request again.
func TestHTTP2Reset(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(nil)
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	certificates := certified.TLS.Certificates
	certified.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var ran atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go resetAll(conn, &ran)
		}
	}()
	c := connect(t, open(t, transport.Config{
		URL: "https://" + listener.Addr().String(),
		TLS: &tls.Config{RootCAs: roots, ServerName: "example.com"},
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err = exec(ctx, t, c, "INSERT INTO t VALUES (1)")
	wantUnknown(t, "INSERT", err)
	check(t, "how often it was sent", ran.Load(), int32(1))
}

// resetAll implements just enough of HTTP/2 to reset each complete request with PROTOCOL_ERROR. https://www.rfc-editor.org/rfc/rfc9113
func resetAll(conn net.Conn, ran *atomic.Int32) {
	defer conn.Close()
	const settings, data, ack, endStream = 4, 0, 1, 1
	io.ReadFull(conn, make([]byte, 24)) // the preface
	conn.Write([]byte{0, 0, 0, settings, 0, 0, 0, 0, 0})
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		io.CopyN(io.Discard, conn, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
		switch {
		case head[3] == settings && head[4]&ack == 0:
			conn.Write([]byte{0, 0, 0, settings, ack, 0, 0, 0, 0})
		case head[3] == data && head[4]&endStream != 0:
			ran.Add(1)
			reset := []byte{0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1}
			copy(reset[5:9], head[5:9]) // the stream
			conn.Write(reset)
		}
	}
}
