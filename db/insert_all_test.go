package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A pair is the parameters of the methods below, as sqlc makes them.
type pair struct {
	Name string
	Size any
}

const pairsTable = "CREATE TABLE pairs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER CHECK (size < 1000))"

func (q *itemQueries) createPair(ctx context.Context, p pair) error {
	_, err := q.db.ExecContext(ctx, "-- name: CreatePair :exec\nINSERT INTO pairs (name, size) VALUES (?1, ?2)", p.Name, p.Size)
	return err
}

func (q *itemQueries) createOrKeep(ctx context.Context, p pair) error {
	_, err := q.db.ExecContext(ctx, "INSERT INTO pairs (name, size) VALUES (lower(?1), ?2) ON CONFLICT (name) DO NOTHING", p.Name, p.Size)
	return err
}

func (q *itemQueries) createOrAdd(ctx context.Context, p pair) error {
	_, err := q.db.ExecContext(ctx, "INSERT INTO pairs (name, size) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET size = size + excluded.size", p.Name, p.Size)
	return err
}

// createNext can't be one statement with others: the rows before count.
func (q *itemQueries) createNext(ctx context.Context, name string) error {
	_, err := q.db.ExecContext(ctx, "INSERT INTO pairs (name, size) VALUES (?1, (SELECT count(*) FROM pairs))", name)
	return err
}

func (q *itemQueries) savePair(ctx context.Context, p pair) (int64, error) {
	var id int64
	return id, q.db.QueryRowContext(ctx, "INSERT INTO pairs (name, size) VALUES (?1, ?2) RETURNING id", p.Name, p.Size).Scan(&id)
}

// savePairOrKeep returns no row for a name that there is.
func (q *itemQueries) savePairOrKeep(ctx context.Context, p pair) (int64, error) {
	var id int64
	return id, q.db.QueryRowContext(ctx, "INSERT INTO pairs (name, size) VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING id", p.Name, p.Size).Scan(&id)
}

func pairs(n int) []pair {
	rows := make([]pair, n)
	for i := range rows {
		rows[i] = pair{fmt.Sprint("n", i), i % 1000}
	}
	return rows
}

func TestInsertAll(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		ctx := t.Context()
		fresh := func() {
			execute(t, pool, "DROP TABLE IF EXISTS pairs")
			execute(t, pool, pairsTable)
		}
		want := func(text string) {
			t.Helper()
			var got string
			if err := pool.QueryRowContext(ctx, "SELECT count(*) || ' ' || coalesce(sum(size), 0) || ' ' || coalesce(sum(id * size), 0) FROM pairs").Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != text {
				t.Errorf("the table has %s, want %s", got, text)
			}
		}
		for _, n := range []int{0, 1, 2, 99, 100, 101, 1234} {
			fresh()
			changed, err := db.InsertAll(ctx, pool, newItems, pairs(n), (*itemQueries).createPair)
			if changed != int64(n) || err != nil {
				t.Fatalf("%d rows: %d, %v", n, changed, err)
			}
			sum, weighted := 0, 0
			for i := range n {
				sum, weighted = sum+i%1000, weighted+(i+1)*(i%1000)
			}
			want(fmt.Sprint(n, " ", sum, " ", weighted))
		}

		fresh()
		for i, method := range []func(*itemQueries, context.Context, pair) error{(*itemQueries).createOrKeep, (*itemQueries).createOrAdd} {
			changed, err := db.InsertAll(ctx, pool, newItems, []pair{{"a", 1}, {"A", 2}, {"a", 3}, {"b", nil}}, method)
			if err != nil || changed != []int64{2, 4}[i] {
				t.Fatalf("%d changed, %v", changed, err)
			}
		}
		var got string
		if err := pool.QueryRowContext(ctx, "SELECT group_concat(name || coalesce(size, '-'), ' ') FROM (SELECT * FROM pairs ORDER BY id)").Scan(&got); err != nil || got != "a5 b- A2" {
			t.Errorf("after upserts: %s, %v", got, err)
		}

		fresh()
		if _, err := db.InsertAll(ctx, pool, newItems, []string{"a", "b", "c"}, (*itemQueries).createNext); err != nil {
			t.Fatal(err)
		}
		want("3 3 8") // 1*0 + 2*1 + 3*2

		// The failing row is named, and nothing is stored.
		fresh()
		for _, at := range []int{0, 1, 150, 999} {
			rows := pairs(1000)
			rows[at].Size = 5000
			_, err := db.InsertAll(ctx, pool, newItems, rows, (*itemQueries).createPair)
			var failed *db.BulkError
			if !errors.As(err, &failed) || failed.First != at || failed.Last != at || !errors.Is(err, db.ErrCheck) {
				t.Errorf("row %d: %v", at, err)
			}
			want("0 0 0")
		}
		// So is a value that can't be stored.
		rows := pairs(3)
		rows[2].Name = "\xff"
		if _, err := db.InsertAll(ctx, pool, newItems, rows, (*itemQueries).createPair); err == nil || !strings.HasPrefix(err.Error(), "row 2: ") {
			t.Errorf("a text that isn't UTF-8: %v", err)
		}

		// In a transaction, which goes on after an error.
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.InsertAll(ctx, tx, newItems, pairs(200), (*itemQueries).createPair); err != nil {
			t.Fatal(err)
		}
		if _, err := db.InsertAll(ctx, tx, newItems, []pair{{"new", 1}, {"n7", 1}}, (*itemQueries).createPair); !errors.Is(err, db.ErrUnique) {
			t.Errorf("a name twice: %v", err)
		}
		ids, err := db.InsertAllReturning(ctx, tx, newItems, []pair{{"x", 1}, {"y", 2}}, (*itemQueries).savePair)
		if err != nil || fmt.Sprint(ids) != "[201 202]" {
			t.Errorf("ids %v, %v", ids, err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		sum, weighted := 1+2, 201*1+202*2
		for i := range 200 {
			sum, weighted = sum+i, weighted+(i+1)*i
		}
		want(fmt.Sprint(202, " ", sum, " ", weighted))
	})
}

func TestInsertAllReturning(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, pairsTable)
		ids, err := db.InsertAllReturning(t.Context(), pool, newItems, pairs(2500), (*itemQueries).savePair)
		if err != nil || len(ids) != 2500 || ids[0] != 1 || ids[2499] != 2500 {
			t.Fatalf("%d ids, %v", len(ids), err)
		}
		rows := pairs(2400)
		for i := range rows {
			rows[i].Name += "b"
		}
		rows[2222].Size = 1000
		_, err = db.InsertAllReturning(t.Context(), pool, newItems, rows, (*itemQueries).savePair)
		var failed *db.BulkError
		if !errors.As(err, &failed) || failed.First != 2222 || !errors.Is(err, db.ErrCheck) {
			t.Errorf("row 2222: %v", err)
		}
		var n int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM pairs").Scan(&n); err != nil || n != 2500 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// TestInsertAllReturningInTx: of rows that fail, none stays in the transaction, which goes on.
func TestInsertAllReturningInTx(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, pairsTable)
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		insert := func(ctx context.Context, rows []pair, method func(*itemQueries, context.Context, pair) (int64, error)) error {
			_, err := db.InsertAllReturning(ctx, tx, newItems, rows, method)
			return err
		}
		if err := insert(t.Context(), pairs(1), (*itemQueries).savePair); err != nil {
			t.Fatal(err)
		}
		want := func(after string) {
			t.Helper()
			var n int
			if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM pairs").Scan(&n); err != nil || n != 1 {
				t.Errorf("after %s: %d rows, %v; want 1", after, n, err)
			}
		}
		second := pairs(1200)[1:] // more than one request
		second[1100].Size = 5000
		if err := insert(t.Context(), second, (*itemQueries).savePair); !errors.Is(err, db.ErrCheck) {
			t.Errorf("a row in the second request: %v", err)
		}
		want("a row in the second request")
		if err := insert(t.Context(), []pair{{"a", 1}, {"a", 2}}, (*itemQueries).savePairOrKeep); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("a row that isn't stored: %v", err)
		}
		want("a row that isn't stored")
		canceled, cancel := context.WithCancel(t.Context())
		if err := insert(canceled, pairs(1200)[1:], func(q *itemQueries, ctx context.Context, p pair) (int64, error) {
			if p.Name == "n1100" {
				cancel()
			}
			return q.savePair(t.Context(), p)
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of the context: %v", err)
		}
		want("the end of the context")
	})
}

func TestInsertAllRefuses(t *testing.T) {
	pool := open(t, filepath.Join(t.TempDir(), "app.db"))
	execute(t, pool, pairsTable)
	ctx := t.Context()
	for want, method := range map[string]func(*itemQueries, context.Context, pair) error{
		"row 0: the call ran no statement": func(*itemQueries, context.Context, pair) error { return nil },
		"row 0: mine":                      func(*itemQueries, context.Context, pair) error { return errors.New("mine") },
		"row 0: the method runs more than one statement": func(q *itemQueries, ctx context.Context, p pair) error {
			return errors.Join(q.createPair(ctx, p), q.createPair(ctx, p))
		},
		"row 1: the method runs another statement than for the first row": func(q *itemQueries, ctx context.Context, p pair) error {
			_, err := q.db.ExecContext(ctx, "DELETE FROM pairs -- "+p.Name)
			return err
		},
		"row 0: the method returns rows: use InsertAllReturning": func(q *itemQueries, ctx context.Context, p pair) error {
			_, err := q.savePair(ctx, p)
			return err
		},
		"row 0: the statement has": func(q *itemQueries, ctx context.Context, p pair) error {
			_, err := q.db.ExecContext(ctx, "INSERT INTO pairs (name, size) VALUES (?1, ?2)", p.Name)
			return err
		},
	} {
		_, err := db.InsertAll(ctx, pool, newItems, pairs(3), method)
		if err == nil || !strings.HasPrefix(err.Error(), want) && !(strings.HasPrefix(want, "row 0: the statement") && strings.HasPrefix(err.Error(), "row 0: ")) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	// A method that drops the error of its statement.
	rows := pairs(3)
	rows[1].Size = struct{}{}
	drop := func(q *itemQueries, ctx context.Context, p pair) error { _ = q.createPair(ctx, p); return nil }
	if _, err := db.InsertAll(ctx, pool, newItems, rows, drop); err == nil || !strings.HasPrefix(err.Error(), "row 1: ") {
		t.Errorf("an argument that can't be stored: %v", err)
	}
	for _, err := range []error{
		second(db.InsertAll(ctx, nil, newItems, rows, drop)),
		second(db.InsertAll[dbtx](ctx, pool, nil, rows, drop)),
		second(db.InsertAll(ctx, pool, newItems, rows, nil)),
		second(db.InsertAllReturning(ctx, nil, newItems, rows, (*itemQueries).savePair)),
		second(db.InsertAllReturning[dbtx](ctx, pool, nil, rows, (*itemQueries).savePair)),
		second(db.InsertAllReturning[dbtx, *itemQueries, pair, int64](ctx, pool, newItems, rows, nil)),
	} {
		if !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), "is nil; want") {
			t.Errorf("nil: %v", err)
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := db.InsertAll(canceled, pool, newItems, pairs(3), (*itemQueries).createPair); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	var n int
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM pairs").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestInsertAllReplyLost: the search for the failing row can store all rows, if that row's obstacle is gone meanwhile.
// If the reply to it is lost, the error doesn't say that nothing was stored.
func TestInsertAllReplyLost(t *testing.T) {
	server := dbtest.StartServer(t).URL()
	direct := open(t, server)
	execute(t, direct, pairsTable)
	execute(t, direct, "INSERT INTO pairs (name) VALUES ('n7')")
	inserts := 0
	front := startProxy(t, server, func(p *proxy, w http.ResponseWriter, r *http.Request, body []byte) {
		if bytes.Contains(body, []byte("INSERT INTO pairs")) {
			if inserts++; inserts == 2 {
				if _, err := direct.ExecContext(t.Context(), "DELETE FROM pairs"); err != nil {
					t.Error(err)
				}
				p.forward.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
		}
		p.forward.ServeHTTP(w, r)
	})
	pool := open(t, front.URL)
	_, err := db.InsertAll(t.Context(), pool, newItems, pairs(10), (*itemQueries).createPair)
	var n int
	if err := direct.QueryRowContext(t.Context(), "SELECT count(*) FROM pairs").Scan(&n); err != nil || n != 10 {
		t.Fatalf("%d rows, %v; want 10", n, err)
	}
	if !errors.Is(err, db.ErrOutcomeUnknown) {
		t.Errorf("the error is %v, want %v", err, db.ErrOutcomeUnknown)
	}
}

// BenchmarkInsertAll stores 10,000 rows in a transaction:
//
//	go test -run '^$' -bench InsertAll ./db
func BenchmarkInsertAll(b *testing.B) {
	rows := make([]pair, 10_000)
	for i := range rows {
		rows[i] = pair{fmt.Sprint("a name of some length ", i), i % 1000}
	}
	for _, kind := range []string{"file", "server"} {
		url := filepath.Join(b.TempDir(), "bench.db")
		if kind == "server" {
			url = dbtest.StartServer(b).URL()
		}
		pool := open(b, url)
		execute(b, pool, pairsTable)
		ways := map[string]func() error{
			"all": func() error {
				_, err := db.InsertAll(b.Context(), pool, newItems, rows, (*itemQueries).createPair)
				return err
			},
			"json": func() error {
				_, err := db.BulkExec(b.Context(), pool, newItems, rows, func(q *itemQueries, ctx context.Context, items string) (int64, error) {
					_, err := q.db.ExecContext(ctx, "INSERT INTO pairs (name, size) SELECT e.value ->> 'Name', e.value ->> 'Size' FROM json_each(?) AS e", items)
					return 0, err
				})
				return err
			},
			"loop": func() error {
				return db.InTx(b.Context(), pool, func(tx *sql.Tx) error {
					q := newItems(tx)
					for _, row := range rows {
						if err := q.createPair(b.Context(), row); err != nil {
							return err
						}
					}
					return nil
				})
			},
		}
		for _, way := range []string{"all", "json", "loop"} {
			if kind == "server" && way == "loop" {
				continue
			}
			b.Run(kind+"/"+way, func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					execute(b, pool, "DELETE FROM pairs")
					b.StartTimer()
					if err := ways[way](); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/row")
			})
		}
	}
}
