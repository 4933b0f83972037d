package hrana_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// freeAddr returns a loopback address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestReadYourWrites writes on a primary and reads on its replica, as behind one load balancer: each
// read sees the write that has returned before it, also if the write's reply was lost.
func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	grpc := freeAddr(t)
	primary := dbtest.StartServer(t, dbtest.WithArgs("--grpc-listen-addr", grpc))
	replica := dbtest.StartServer(t, dbtest.WithArgs("--primary-grpc-url", "http://"+grpc))
	var toReplica, loseReply atomic.Bool
	balancer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := primary.URL()
		if toReplica.Load() {
			to = replica.URL()
		}
		resp, err := http.Post(to+r.URL.Path, "application/json", r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || loseReply.CompareAndSwap(true, false) {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(resp.StatusCode)
		w.Write(body)
	}))
	defer balancer.Close()
	d := open(t, transport.Config{URL: balancer.URL})
	writer, reader := connect(t, d), connect(t, d)
	must(t, writer, "CREATE TABLE t (a)")
	want := 0 // rows
	for i := range 60 {
		toReplica.Store(false)
		lose := i%10 == 9
		loseReply.Store(lose)
		var err error
		switch i % 3 {
		case 0:
			_, err = exec(t.Context(), t, writer, "INSERT INTO t VALUES (1)")
		case 1:
			err = insertInTx(t, writer)
		case 2:
			_, err = writer.ExecAll(t.Context(), []sqltext.Statement{{Text: "INSERT INTO t VALUES (2)", Kind: sqltext.Insert}, {Text: "UPDATE t SET a = a", Kind: sqltext.Change}})
		}
		var e *engine.Error
		if (err != nil) != lose {
			t.Fatalf("write %d: %v", i, err)
		}
		if err == nil || errors.As(err, &e) && e.OutcomeUnknown { // the server has run it
			want++
		}
		toReplica.Store(true)
		if i%2 == 0 {
			if err := reader.Begin(t.Context(), engine.Read); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := query(t, reader, "SELECT a FROM t")
		if err != nil {
			t.Fatal(err)
		}
		if found, err := all(rows); len(found) != want || err != nil {
			t.Errorf("after write %d: %d rows, %v; want %d", i, len(found), err, want)
		}
		if err := reader.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func insertInTx(t *testing.T, c engine.Conn) error {
	t.Helper()
	if err := c.Begin(t.Context(), engine.Write); err != nil {
		return err
	}
	if _, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (1)"); err != nil {
		c.Rollback(t.Context())
		return err
	}
	return c.Commit(t.Context())
}
