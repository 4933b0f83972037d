package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A benchDBTX is what sqlc names DBTX.
type benchDBTX interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

type benchQueries struct{ db benchDBTX }

func newBenchQueries(db benchDBTX) *benchQueries { return &benchQueries{db} }

const benchInsert = "-- name: Insert :one\nINSERT INTO t (name, size, weight) VALUES (?1, ?2, ?3)\nRETURNING id"

func (q *benchQueries) insert(ctx context.Context, name string, size int64, weight float64) (id int64, err error) {
	err = q.db.QueryRowContext(ctx, benchInsert, name, size, weight).Scan(&id)
	return id, err
}

const benchTable = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, weight REAL)"

func plainInserts(ctx context.Context, pool *sql.DB, n int) error {
	return db.InTx(ctx, pool, func(tx *sql.Tx) error {
		q := newBenchQueries(tx)
		for i := range n {
			if _, err := q.insert(ctx, "name", int64(i), 0.5); err != nil {
				return err
			}
		}
		return nil
	})
}

func batchInserts(ctx context.Context, pool *sql.DB, n int) error {
	b := db.NewBatch(pool, newBenchQueries)
	last := make([]*db.Future[int64], n)
	for i := range n {
		last[i] = db.Queue(b, func(q *benchQueries) (int64, error) { return q.insert(ctx, "name", int64(i), 0.5) })
	}
	if err := b.Run(ctx); err != nil {
		return err
	}
	for _, f := range last {
		if _, err := f.Get(); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkBatch compares a call of a batch with a plain one in a transaction, on a file. The
// two take turns, so that what else the machine does meets both; the figures are medians.
//
//	go test -run '^$' -bench 'Batch$' ./db
func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{6, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			pool, err := db.Open(ctx, filepath.Join(b.TempDir(), "bench.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer pool.Close()
			execute(b, pool, benchTable)
			var plain, batch timings
			for b.Loop() {
				plain.add(b, func() error { return plainInserts(ctx, pool, n) })
				batch.add(b, func() error { return batchInserts(ctx, pool, n) })
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(plain.median()*1000/float64(n), "plain-µs/call")
			b.ReportMetric(batch.median()*1000/float64(n), "batch-µs/call")
		})
	}
}

// timings are in milliseconds.
type timings []float64

func (t *timings) add(b *testing.B, run func() error) {
	b.Helper()
	start := time.Now()
	if err := run(); err != nil {
		b.Fatal(err)
	}
	*t = append(*t, time.Since(start).Seconds()*1000)
}

func (t timings) median() float64 {
	slices.Sort(t)
	return t[len(t)/2]
}

// BenchmarkBatchServer has 1,000 inserts go to a server: by a batch, by clients that are
// written for that one request, with encoding/json and without, and one at a time. They take
// turns, so that what else the machine does meets all of them; the figures are medians.
//
//	go test -run '^$' -bench BatchServer -benchtime 50x ./db
func BenchmarkBatchServer(b *testing.B) {
	server := dbtest.StartServer(b)
	pool := open(b, server.URL())
	execute(b, pool, benchTable)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var batch, withJSON, byHand, oneByOne timings
	for b.Loop() {
		batch.add(b, func() error { return batchInserts(b.Context(), pool, 1000) })
		withJSON.add(b, func() error { return jsonInserts(b.Context(), client, server.URL(), 1000) })
		byHand.add(b, func() error { return handInserts(b.Context(), client, server.URL(), 1000) })
		oneByOne.add(b, func() error { return plainInserts(b.Context(), pool, 1000) })
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(batch.median(), "batch-ms")
	b.ReportMetric(withJSON.median(), "json-ms")
	b.ReportMetric(byHand.median(), "by-hand-ms")
	b.ReportMetric(oneByOne.median(), "one-by-one-ms")
	b.ReportMetric(batch.median()/withJSON.median(), "batch/json")
	b.ReportMetric(batch.median()/byHand.median(), "batch/by-hand")
}

// A hranaStep is a step of a batch, as a program would write it that has only this to send.
type hranaStep struct {
	Condition any       `json:"condition,omitempty"`
	Stmt      hranaStmt `json:"stmt"`
}

type hranaStmt struct {
	SQL  string       `json:"sql"`
	Args []hranaValue `json:"args,omitempty"`
}

type hranaValue struct {
	Type  string `json:"type"`
	Value any    `json:"value,omitempty"`
}

type hranaReply struct {
	Results []struct {
		Response struct {
			Result struct {
				Results []struct {
					Rows [][]hranaValue `json:"rows"`
				} `json:"step_results"`
				Errors []*struct {
					Message string `json:"message"`
				} `json:"step_errors"`
			} `json:"result"`
		} `json:"response"`
	} `json:"results"`
}

func jsonInserts(ctx context.Context, client *http.Client, url string, n int) error {
	ok := func(step int) any { return map[string]any{"type": "ok", "step": step} }
	steps := []hranaStep{{Stmt: hranaStmt{SQL: "BEGIN IMMEDIATE"}}}
	for i := range n {
		steps = append(steps, hranaStep{ok(i), hranaStmt{benchInsert, []hranaValue{
			{"text", "name"}, {"integer", strconv.Itoa(i)}, {"float", 0.5},
		}}})
	}
	steps = append(steps, hranaStep{ok(n), hranaStmt{SQL: "COMMIT"}})
	body, err := json.Marshal(map[string]any{"requests": []any{
		map[string]any{"type": "batch", "batch": map[string]any{"steps": steps}},
		map[string]any{"type": "close"},
	}})
	if err != nil {
		return err
	}
	reply, err := postPipeline(ctx, client, url, body)
	if err != nil {
		return err
	}
	return checkInserts(reply, n)
}

func postPipeline(ctx context.Context, client *http.Client, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v3/pipeline", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func checkInserts(body []byte, n int) error {
	var reply hranaReply
	if err := json.Unmarshal(body, &reply); err != nil {
		return err
	}
	result := &reply.Results[0].Response.Result
	for _, failed := range result.Errors {
		if failed != nil {
			return fmt.Errorf("%s", failed.Message)
		}
	}
	var ids []int64
	for _, one := range result.Results[1 : n+1] {
		id, err := strconv.ParseInt(one.Rows[0][0].Value.(string), 10, 64)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if len(ids) != n {
		return fmt.Errorf("%d ids", len(ids))
	}
	return nil
}

// handInserts writes the JSON by hand, and looks only whether the last id is there.
func handInserts(ctx context.Context, client *http.Client, url string, n int) error {
	text, _ := json.Marshal(benchInsert)
	b := append(make([]byte, 0, 256*n), `{"requests":[{"type":"batch","batch":{"steps":[{"stmt":{"sql":"BEGIN IMMEDIATE"}}`...)
	for i := range n {
		b = append(b, `,{"condition":{"type":"ok","step":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `},"stmt":{"sql":`...)
		b = append(b, text...)
		b = append(b, `,"args":[{"type":"text","value":"name"},{"type":"integer","value":"`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `"},{"type":"float","value":0.5}]}}`...)
	}
	b = append(b, `,{"condition":{"type":"ok","step":`...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `},"stmt":{"sql":"COMMIT"}}]}},{"type":"close"}]}`...)
	reply, err := postPipeline(ctx, client, url, b)
	if err != nil {
		return err
	}
	if found := bytes.Count(reply, []byte(`"rows":[[{`)); found != n {
		return fmt.Errorf("%d ids: %.200s", found, reply)
	}
	return nil
}
