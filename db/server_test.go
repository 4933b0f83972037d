package db_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

func TestServerIsDown(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	pool := open(t, server.URL())
	execute(t, pool, "CREATE TABLE t (x)")
	prepared, err := pool.PrepareContext(t.Context(), "SELECT count(*) FROM t")
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	_, execErr := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	_, txErr := begin(t, pool, nil).ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	_, openErr := db.Open(t.Context(), server.URL())
	for what, err := range map[string]error{
		"Exec":     execErr,
		"in a tx":  txErr,
		"Open":     openErr,
		"Ping":     pool.PingContext(t.Context()),
		"prepared": prepared.QueryRowContext(t.Context()).Scan(new(int)),
	} {
		checkKind(t, what, err, db.ErrUnavailable)
	}

	// The pool outlives the server.
	server.Restart()
	check(t, "rows afterwards", get[int](t, pool, "SELECT count(*) FROM t"), 0)
	if err := prepared.QueryRowContext(t.Context()).Scan(new(int)); err != nil {
		t.Errorf("prepared, afterwards: %v", err)
	}
}

// TestNotAServer is about what else may answer at an address: a proxy whose server is
// down, another web server. Some show what they were sent.
func TestNotAServer(t *testing.T) {
	t.Parallel()
	html := "<!DOCTYPE html>\n<html>\n" + strings.Repeat("<p>Something went wrong.</p>\n", 100)
	for _, tt := range []struct {
		status int
		body   string
		kind   error
		want   string
	}{
		{http.StatusBadGateway, html, db.ErrUnavailable, "error code 502, from something that is not a libSQL server"},
		{http.StatusServiceUnavailable, html, db.ErrUnavailable, "error code 503, from something that is not a libSQL server"},
		{http.StatusServiceUnavailable, `{"error": "Try\nlater"}`, db.ErrUnavailable, "error code 503: Try later"},
		{http.StatusInternalServerError, "", db.ErrUnavailable, "error code 500"},
		{http.StatusTooManyRequests, `{"error": "Too many requests"}`, db.ErrUnavailable, "error code 429: Too many requests"},
		{http.StatusUnauthorized, html, db.ErrUnauthorized, "error code 401, from something that is not a libSQL server"},
		{http.StatusNotFound, html, nil, "error code 404, from something that is not a libSQL server"},
		{http.StatusOK, html, db.ErrUnavailable, "the answer is not from a libSQL server"},
		{http.StatusOK, `{"results": [`, db.ErrUnavailable, "the answer is not from a libSQL server"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
			if strings.HasPrefix(tt.body, "<") {
				fmt.Fprintln(w, r.Header)
			}
		}))
		_, err := db.Open(t.Context(), server.URL, db.WithAuthToken(canary))
		server.Close()
		what := fmt.Sprintf("%d %.20q", tt.status, tt.body)
		checkKind(t, what, err, tt.kind)
		check(t, what, fmt.Sprint(err), "open "+server.URL+": "+tt.want)
	}
}

func TestServerBreaksOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "{")
	}))
	defer server.Close()
	_, err := db.Open(t.Context(), server.URL)
	checkKind(t, "Open", err, db.ErrUnavailable)
	check(t, "Open", fmt.Sprint(err), "open "+server.URL+": the server broke off its answer")
}

// TestNoTLS is about a token that is to go over TLS to a server that has none.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	_, err := db.Open(t.Context(), strings.Replace(server.URL(), "http", "libsql", 1), db.WithAuthToken(canary))
	checkKind(t, "Open", err, db.ErrUnavailable)
}

// TestUnknownCertificate is about a server with TLS that nobody vouches for.
func TestUnknownCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	_, err := db.Open(t.Context(), server.URL, db.WithAuthToken(canary))
	checkKind(t, "Open", err, db.ErrUnavailable)
}
