package hrana_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"database/sql/driver"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/jsononly"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestCodecs runs the same statements on one server in both encodings: rows, errors, counts and ids are the same.
func TestCodecs(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	protobuf := connect(t, hrana.New(transport.Config{URL: server.URL()}))
	json := connect(t, hrana.New(transport.Config{URL: jsononly.Start(t, server.URL())}))
	for _, c := range []engine.Conn{protobuf, json} {
		if err := c.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run := func(c engine.Conn, sql string, args ...driver.Value) string {
		rows, err := query(t, c, sql, args...)
		if err != nil {
			return describeError(err)
		}
		columns := rows.Columns()
		found, err := all(rows)
		return fmt.Sprintf("%v %#v %s", columns, found, describeError(err))
	}
	for _, sql := range []string{
		"DROP TABLE IF EXISTS t", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE, b BLOB, c REAL CHECK (c < 10))",
		"INSERT INTO t VALUES (-7, 'é😀', x'00ff', -0.0), (8, '', x'', 1e-320)", "INSERT INTO t (a) VALUES ('x') RETURNING *",
		"SELECT * FROM t", "SELECT * FROM t WHERE 0", "SELECT count(*), max(id), NULL FROM t", "UPDATE t SET c = 2 WHERE id > 0",
		"INSERT INTO t (a) VALUES ('x')", "INSERT INTO t VALUES (1, NULL, 1, 1)", "INSERT INTO t VALUES (1, 'y', 1, 11)",
		"SELEC 1", "SELECT nothing FROM t", "SELECT * FROM nowhere", "SELECT 1; SELECT 2", "", "SELECT abs(-9223372036854775808)",
		"SELECT 9e999", "SELECT 1 UNION ALL SELECT -9e999", "SELECT CAST(x'ff' AS TEXT)", "SELECT 9223372036854775807, -9223372036854775808",
		"COMMIT", "ROLLBACK", "PRAGMA user_version", "PRAGMA cache_size", "DROP TABLE t",
	} {
		if a, b := run(protobuf, sql), run(json, sql); a != b && !strings.HasPrefix(sql, "DROP") && !strings.HasPrefix(sql, "CREATE") && !strings.HasPrefix(sql, "INSERT") {
			t.Errorf("%s: protobuf %s, JSON %s", sql, a, b)
		}
	}
	for _, v := range []driver.Value{nil, int64(math.MinInt64), math.Copysign(0, -1), 5e-324, "a\x00\"\\é", []byte{}, []byte{0, 255}, strings.Repeat("x", 70_000), math.Inf(1), "\xff"} {
		if a, b := run(protobuf, "SELECT ?, typeof(?)", v, v), run(json, "SELECT ?, typeof(?)", v, v); a != b {
			t.Errorf("%.80v: protobuf %.200s, JSON %.200s", v, a, b)
		}
	}
	// Rows that don't fit in one reply come by a cursor, whose parts may be longer than its buffer.
	for _, size := range []int{500, 50_000} {
		large := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i, i / 7.0, hex(zeroblob(%d)), x'01' FROM n", 6_000_000/size, size)
		if a, b := run(protobuf, large), run(json, large); a != b || len(a) < 12_000_000 {
			t.Errorf("a cursor: protobuf %d bytes %.200s, JSON %d bytes %.200s", len(a), a, len(b), b)
		}
	}
}

func describeError(err error) string {
	e, _ := err.(*engine.Error)
	if e == nil {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%v %d %q", e.Kind, e.Code, e.Message)
}

// TestBatchIndex wants the index of a write from both sizes of batches.
func TestBatchIndex(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	index := &hrana.Index{}
	c := connect(t, hrana.NewIndexed(transport.Config{URL: server.URL()}, index))
	must(t, c, "CREATE TABLE t (a)")
	insert := statement("INSERT INTO t VALUES (1)")
	for _, n := range []int{2, 2000} {
		before, _ := index.Last()
		if err := c.Begin(t.Context(), engine.Write); err != nil {
			t.Fatal(err)
		}
		steps := make([]engine.Step, n)
		for i := range steps {
			steps[i].Statement = &insert
		}
		if _, err := c.(engine.Batcher).Batch(t.Context(), &engine.Batch{Steps: steps, MaxBytes: 1 << 20, MaxSteps: 4096}); err != nil {
			t.Fatal(err)
		}
		if last, known := index.Last(); last <= before || !known {
			t.Errorf("a batch of %d: the index is %d after %d, known: %v", n, last, before, known)
		}
	}
	checkRow(t, c, "SELECT count(*) FROM t", int64(2002))
}

// TestProbeFindsEncoding has servers that refuse protobuf in several ways. Each gets one request in it.
func TestProbeFindsEncoding(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	for name, refuse := range map[string]func(http.ResponseWriter){
		"404": func(w http.ResponseWriter) { http.Error(w, "404 page not found", http.StatusNotFound) },
		"405": func(w http.ResponseWriter) { w.WriteHeader(http.StatusMethodNotAllowed) },
		"400": func(w http.ResponseWriter) { http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest) },
		"403": func(w http.ResponseWriter) { http.Error(w, `{"message":"Forbidden"}`, http.StatusForbidden) },
		"302": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/login")
			w.WriteHeader(http.StatusFound)
		},
		"500":      func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"JSON":     func(w http.ResponseWriter) { fmt.Fprint(w, `{"baton":null,"results":[]}`) },
		"web page": func(w http.ResponseWriter) { fmt.Fprint(w, "<html>Hello</html>") },
		"nothing":  func(http.ResponseWriter) {},
	} {
		var protobuf, json atomic.Int64
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "protobuf") {
				protobuf.Add(1)
				refuse(w)
				return
			}
			json.Add(1)
			reply, err := http.Post(server.URL()+r.URL.Path, "application/json", r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			defer reply.Body.Close()
			w.WriteHeader(reply.StatusCode)
			io.Copy(w, reply.Body)
		}))
		d := hrana.New(transport.Config{URL: front.URL})
		c := connect(t, d)
		for range 3 {
			if err := c.Ping(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if protobuf.Load() != 1 || json.Load() != 3 {
			t.Errorf("%s: %d requests in protobuf and %d in JSON, want 1 and 3", name, protobuf.Load(), json.Load())
		}
		d.Close()
		front.Close()
	}
}

// TestProbeSkipped has a server that answers the probe, in protobuf, without having run it.
func TestProbeSkipped(t *testing.T) {
	t.Parallel()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "\x1a\x06\n\x04\x1a\x02\n\x00"+"\x1a\x04\n\x02\n\x00")
	}))
	t.Cleanup(front.Close)
	c := connect(t, hrana.New(transport.Config{URL: front.URL}))
	checkError(t, "Ping", c.Ping(t.Context()), engine.ErrUnavailable, 0, "the answer is not from a libSQL server")
}

// TestServerLosesProtobuf replaces a server by one without protobuf. The next requests are sent again in JSON.
func TestServerLosesProtobuf(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	var lost atomic.Bool
	var protobuf atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "protobuf") {
			protobuf.Add(1)
			if lost.Load() {
				http.NotFound(w, r)
				return
			}
		}
		reply, err := http.Post(server.URL()+r.URL.Path, r.Header.Get("Content-Type"), r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		defer reply.Body.Close()
		w.WriteHeader(reply.StatusCode)
		io.Copy(w, reply.Body)
	}))
	t.Cleanup(front.Close)
	c := connect(t, hrana.New(transport.Config{URL: front.URL}))
	must(t, c, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
	if protobuf.Load() < 2 {
		t.Errorf("%d requests in protobuf, want at least 2", protobuf.Load())
	}
	lost.Store(true)
	must(t, c, "INSERT INTO t VALUES (2)")
	before := protobuf.Load()
	must(t, c, "INSERT INTO t VALUES (3)")
	checkRow(t, c, "SELECT count(*) FROM t", int64(3))
	if n := protobuf.Load() - before; n != 0 {
		t.Errorf("%d requests in protobuf after the server has refused it", n)
	}
}

// TestServerReplaced replaces a server by one without protobuf, which doesn't know the streams of the former one.
// A write is sent again in JSON if it certainly hasn't run, and later writes go in JSON in any case.
func TestServerReplaced(t *testing.T) {
	t.Parallel()
	former, next := dbtest.StartServer(t), dbtest.StartServer(t)
	for name, tt := range map[string]struct {
		status  int
		refused bool // an error
		unknown bool // of an unknown outcome
	}{
		"404":      {http.StatusNotFound, false, false},
		"405":      {http.StatusMethodNotAllowed, false, false},
		"415":      {http.StatusUnsupportedMediaType, false, false},
		"400":      {http.StatusBadRequest, true, false},
		"web page": {http.StatusOK, true, true},
	} {
		var replaced atomic.Bool
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			url := former.URL()
			if replaced.Load() {
				if url = next.URL(); strings.Contains(r.URL.Path, "protobuf") {
					w.WriteHeader(tt.status)
					io.WriteString(w, "<html>Hello</html>")
					return
				}
			}
			reply, err := http.Post(url+r.URL.Path, r.Header.Get("Content-Type"), r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			defer reply.Body.Close()
			w.WriteHeader(reply.StatusCode)
			io.Copy(w, reply.Body)
		}))
		d := hrana.New(transport.Config{URL: front.URL})
		c := connect(t, d)
		must(t, c, "DROP TABLE IF EXISTS t", "CREATE TABLE t (a)")
		replaced.Store(true)
		_, err := exec(t.Context(), t, c, "DROP TABLE IF EXISTS t")
		var e *engine.Error
		if refused := errors.As(err, &e); refused != tt.refused || refused && e.OutcomeUnknown != tt.unknown {
			t.Errorf("%s: error %v", name, err)
		}
		must(t, c, "DROP TABLE IF EXISTS t", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
		checkRow(t, c, "SELECT count(*) FROM t", int64(1))
		d.Close()
		front.Close()
	}
}
