package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/project/template/dbsqlc"
	"github.com/duolite/duolite/cmd/duolite/internal/project/template/schema"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbtest"
)

// TestQueries proves that each argument of each query reaches its placeholder, and tries whether each
// result fits its Go type.
func TestQueries(t *testing.T) {
	dbcheck.Queries(t, dbsqlc.New, schema.FS, os.DirFS("queries"))
}

// A request and its answer. body is a part of the answer's body.
type request struct {
	method, path, send string
	status             int
	body               string
}

// testRequests sends requests, one after the other. It does so on a SQLite file, on a database in memory
// and on libSQL servers. The servers are skipped where npm can't install one.
func testRequests(t *testing.T, requests ...request) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		handler := routes(dbsqlc.New(d.Open(t, schema.FS)))
		for _, r := range requests {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), r.method, r.path, strings.NewReader(r.send)))
			if w.Code != r.status || !strings.Contains(w.Body.String(), r.body) {
				t.Errorf("%s %s %s: %d %s, want %d %s", r.method, r.path, r.send, w.Code, w.Body, r.status, r.body)
			}
		}
	})
}

func TestNotes(t *testing.T) {
	testRequests(t,
		request{"GET", "/notes", "", http.StatusOK, `[]`},
		request{"POST", "/notes", `{"body": "Buy milk"}`, http.StatusOK, `"id":1,"body":"Buy milk"`},
		request{"POST", "/notes", `{"body": "Call Ada"}`, http.StatusOK, `"id":2`},
		request{"GET", "/notes", "", http.StatusOK, `[{"id":2,"body":"Call Ada"`},
		request{"POST", "/notes", `{"body": ""}`, http.StatusBadRequest, "CHECK"},
		request{"POST", "/notes", `Buy milk`, http.StatusBadRequest, "bad request"},
		request{"DELETE", "/notes/1", "", http.StatusNoContent, ""},
		request{"DELETE", "/notes/1", "", http.StatusNotFound, ""},
		request{"DELETE", "/notes/one", "", http.StatusBadRequest, "bad request"},
	)
}
