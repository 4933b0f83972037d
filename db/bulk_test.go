package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

// dbtx and itemQueries are what sqlc makes, for the table of these tests.
type dbtx interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

type itemQueries struct{ db dbtx }

func newItems(on dbtx) *itemQueries { return &itemQueries{on} }

const itemsTable = `CREATE TABLE items (
	id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size, weight, active, at, data, note, meta
)`

const insertItems = `INSERT INTO items (name, size, weight, active, at, data, note, meta)
	SELECT e.value ->> 'name', e.value ->> 'size', e.value ->> 'weight', e.value ->> 'active', e.value ->> 'at',
		unhex(e.value ->> 'data'), e.value ->> 'note', e.value ->> 'meta'
	FROM json_each(CAST(?1 AS TEXT)) AS e WHERE true`

func (q *itemQueries) Insert(ctx context.Context, items string) (int64, error) {
	result, err := q.db.ExecContext(ctx, insertItems, items)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

type saved struct {
	ID   int64
	Name string
}

func (q *itemQueries) Save(ctx context.Context, items string) ([]saved, error) {
	rows, err := q.db.QueryContext(ctx, insertItems+" RETURNING id, name", items)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []saved
	for rows.Next() {
		var one saved
		if err := rows.Scan(&one.ID, &one.Name); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

type item struct {
	Name   string       `json:"name"`
	Size   int64        `json:"size"`
	Weight float64      `json:"weight"`
	Active bool         `json:"active"`
	At     *dbtype.Time `json:"at"`
	Data   []byte       `json:"data"`
	Note   *string      `json:"note,omitempty"`
	Meta   dbtype.JSON  `json:"meta"`
}

func itemsNamed(names ...string) []item {
	items := make([]item, len(names))
	for i, name := range names {
		items[i].Name = name
	}
	return items
}

// manyItems returns items that are together larger than n bytes.
func manyItems(n, size int) []item {
	items := make([]item, n)
	for i := range items {
		items[i] = item{Name: fmt.Sprintf("%06d", i), Data: make([]byte, size/2)}
	}
	return items
}

// wantItems wants as many items, and the names that were given, in their order.
func wantItems(t *testing.T, pool *sql.DB, items []item) {
	t.Helper()
	names := []string{}
	for _, item := range items {
		names = append(names, item.Name)
	}
	check(t, "names", get[string](t, pool, "SELECT coalesce(group_concat(name), '') FROM (SELECT name FROM items ORDER BY id)"), strings.Join(names, ","))
}

// TestBulk stores rows of one chunk and of several, on a pool and in a transaction.
func TestBulk(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, itemsTable)
		for name, items := range map[string][]item{
			"none":                          {},
			"one":                           itemsNamed("a"),
			"one chunk":                     manyItems(1000, 100),
			"chunks by size":                manyItems(12, 200_000),
			"chunks by number":              manyItems(10_001, 0),
			"one that is large by itself":   manyItems(1, 2_200_000),
			"all that are large themselves": manyItems(2, 2_200_000),
		} {
			t.Run(name, func(t *testing.T) {
				execute(t, pool, "DELETE FROM items")
				n, err := db.BulkExec(t.Context(), pool, newItems, items, (*itemQueries).Insert)
				check(t, "count", n, int64(len(items)))
				check(t, "error", err, nil)
				wantItems(t, pool, items)

				execute(t, pool, "DELETE FROM items")
				tx := beginTx(t, pool)
				results, err := db.BulkQuery(t.Context(), tx, newItems, items, (*itemQueries).Save)
				check(t, "results", len(results), len(items))
				check(t, "error", err, nil)
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
				wantItems(t, pool, items)
				slices.SortFunc(results, func(a, b saved) int { return int(a.ID - b.ID) })
				for i, result := range results {
					if result.Name != items[i].Name {
						t.Fatalf("result %d is of %s, want %s", i, result.Name, items[i].Name)
					}
				}
			})
		}
	})
}

func beginTx(t *testing.T, pool *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback() })
	return tx
}

// TestBulkFails: nothing is stored, and the error says which rows it is about.
func TestBulkFails(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, itemsTable)
		many := manyItems(12, 200_000)
		many[11].Name = many[10].Name
		unusable := manyItems(12, 200_000)
		unusable[11].Name = "\xff"
		for name, tt := range map[string]struct {
			items       []item
			kind        error
			first, last int
			text        string
		}{
			"one chunk":             {itemsNamed("a", "b", "a"), db.ErrUnique, 0, 2, "rows 0 to 2: UNIQUE constraint failed: items.name"},
			"the last of several":   {many, db.ErrUnique, 10, 11, "rows 10 to 11: UNIQUE constraint failed: items.name"},
			"one row":               {append(manyItems(1, 0), manyItems(1, 2_200_000)...), db.ErrUnique, 1, 1, "row 1: UNIQUE constraint failed: items.name"},
			"a row, before it runs": {unusable, nil, 11, 11, "row 11: name: the string isn't UTF-8; store bytes as []byte"},
		} {
			t.Run(name, func(t *testing.T) {
				n, err := db.BulkExec(t.Context(), pool, newItems, tt.items, (*itemQueries).Insert)
				results, queryErr := db.BulkQuery(t.Context(), pool, newItems, tt.items, (*itemQueries).Save)
				check(t, "count", n, int64(0))
				check(t, "results", results, []saved(nil))
				for _, err := range []error{err, queryErr} {
					var of *db.BulkError
					if !errors.As(err, &of) || of.First != tt.first || of.Last != tt.last || err.Error() != tt.text {
						t.Errorf("error %v, want of the rows %d to %d: %s", err, tt.first, tt.last, tt.text)
					}
					if tt.kind != nil {
						checkKind(t, "error", err, tt.kind)
					}
				}
				wantItems(t, pool, nil)
			})
		}
		if !d.Local() {
			_, err := db.BulkExec(t.Context(), pool, newItems, append(manyItems(1, 0), manyItems(1, 6_000_000)...), (*itemQueries).Insert)
			checkKind(t, "larger than a server takes", err, db.ErrTooBig)
			if of := (*db.BulkError)(nil); !errors.As(err, &of) || of.First != 1 || of.Last != 1 {
				t.Errorf("error %v, want one of row 1", err)
			}
			wantItems(t, pool, nil)
		}
	})
}

// TestBulkConn stores a chunk and several chunks on one connection.
func TestBulkConn(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, itemsTable)
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		items := append(itemsNamed("a"), manyItems(12, 200_000)...)
		for _, rows := range [][]item{items[:1], items[1:]} {
			n, err := db.BulkExec(t.Context(), conn, newItems, rows, (*itemQueries).Insert)
			if err != nil || n != int64(len(rows)) {
				t.Fatalf("BulkExec = %d, %v; want %d", n, err, len(rows))
			}
		}
		wantItems(t, pool, items)
	})
}

// TestBulkConfig is about what can't be called.
func TestBulkConfig(t *testing.T) {
	t.Parallel()
	pool := open(t, ":memory:")
	execute(t, pool, itemsTable)
	items := itemsNamed("a")
	tx := beginTx(t, pool)
	_, withOptions := db.BulkExec(t.Context(), tx, newItems, items, (*itemQueries).Insert, db.WithMaxAttempts(2))
	tx.Rollback()
	_, badOption := db.BulkExec(t.Context(), pool, newItems, items, (*itemQueries).Insert, db.WithMaxAttempts(0))
	_, notDBTX := db.BulkExec(t.Context(), pool, func(tx *sql.Tx) *itemQueries { return newItems(tx) }, items, (*itemQueries).Insert)
	_, notOpened := db.BulkExec(t.Context(), db.Lean(pool), newItems, items, (*itemQueries).Insert)
	_, nothing := db.BulkExec(t.Context(), nil, newItems, items, (*itemQueries).Insert)
	for want, err := range map[string]error{
		"not on *db.LeanDB": notOpened, "not on <nil>": nothing,
		"takes no options": withOptions, "0 is less than 1": badOption, "*sql.DB doesn't implement *sql.Tx": notDBTX,
	} {
		if !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %v that says %q", err, db.ErrConfig, want)
		}
	}
	wantItems(t, pool, nil)
}

// TestBulkTriesAgain: a statement by itself, and a transaction of several, and what an
// attempt that failed has returned isn't counted.
func TestBulkTriesAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		items   []item
		retries int
	}{"statement": {manyItems(3, 0), 1}, "transaction": {manyItems(12, 200_000), 2}} {
		items := tt.items
		pool := open(t, ":memory:")
		execute(t, pool, itemsTable)
		calls := 0
		failing := func(q *itemQueries, ctx context.Context, items string) ([]saved, error) {
			if calls++; calls == 1 || name == "transaction" && calls == 3 {
				return []saved{{Name: "of an attempt that failed"}}, &db.Error{Kind: db.ErrBusy, Message: "locked"}
			}
			return q.Save(ctx, items)
		}
		var seen retries
		results, err := db.BulkQuery(t.Context(), pool, newItems, items, failing, seen.hook())
		check(t, name+": error", err, nil)
		check(t, name+": results", len(results), len(items))
		check(t, name+": retries", len(seen.all), tt.retries)
		wantItems(t, pool, items)

		calls = 0
		_, err = db.BulkQuery(t.Context(), pool, newItems, items, failing, db.WithMaxAttempts(1))
		checkKind(t, name+": one attempt", err, db.ErrBusy)
		check(t, name+": calls", calls, 1)
	}
}

// TestBulkLostAnswer: the one statement, or the COMMIT, isn't sent again.
func TestBulkLostAnswer(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	direct := open(t, server.URL())
	execute(t, direct, itemsTable)
	for word, items := range map[string][]item{"json_each": itemsNamed("a"), "COMMIT": manyItems(12, 200_000)} {
		_, err := db.BulkExec(t.Context(), open(t, startLoser(t, server, word, 1)), newItems, items, (*itemQueries).Insert)
		if !errors.Is(err, db.ErrOutcomeUnknown) {
			t.Errorf("the answer to %s is lost: error %v, want %v", word, err, db.ErrOutcomeUnknown)
		}
		wantItems(t, direct, items)
		execute(t, direct, "DELETE FROM items")
	}
}

// TestBulkRequests counts them.
func TestBulkRequests(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	execute(t, open(t, server.URL()), itemsTable)
	for _, tt := range []struct {
		items []item
		want  int64
	}{
		{nil, 0},
		{manyItems(1000, 100), 1 + 1},       // one is the pool's end
		{manyItems(12, 200_000), 2 + 1 + 1}, // its COMMIT
		{manyItems(10_001, 0), 2 + 1 + 1},
	} {
		requests, _ := startCounter(t, server).count(t, func(pool *sql.DB) error {
			_, err := db.BulkExec(t.Context(), pool, newItems, tt.items, (*itemQueries).Insert)
			return err
		})
		t.Logf("%d rows: %d requests", len(tt.items), requests)
		if requests != tt.want {
			t.Errorf("%d rows: %d requests, want %d", len(tt.items), requests, tt.want)
		}
		execute(t, open(t, server.URL()), "DELETE FROM items")
	}
}
