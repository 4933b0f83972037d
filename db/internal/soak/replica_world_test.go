package soak_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"

	"github.com/duolite/duolite/db"
)

// worldSchema is a database whose tables say the same in different ways after each commit. A state has
// the number n. The columns of shape change their order.
var worldSchema = []string{
	"CREATE TABLE state (n INTEGER NOT NULL, shape INTEGER NOT NULL)",
	"INSERT INTO state VALUES (0, 0)",
	"CREATE TABLE item (n INTEGER PRIMARY KEY, padding BLOB NOT NULL)",
	"CREATE TABLE total (items INTEGER NOT NULL, bytes INTEGER NOT NULL)",
	"INSERT INTO total VALUES (0, 0)",
	"CREATE TABLE shape (x INTEGER NOT NULL, y INTEGER NOT NULL)",
	"INSERT INTO shape VALUES (0, 0)",
}

// maxItems bounds the number of items between two deletions.
const maxItems = 60

// nextState writes the next state.
func nextState(ctx context.Context, pool *sql.DB, rng *rand.Rand) (n int, err error) {
	err = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		var items int
		if err := tx.QueryRowContext(ctx, "UPDATE state SET n = n + 1 RETURNING n, (SELECT items FROM total)").Scan(&n, &items); err != nil {
			return err
		}
		for _, statement := range change(rng, n, items) {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	return n, err
}

// change returns the statements of the state n.
func change(rng *rand.Rand, n, items int) []string {
	switch kind := rng.IntN(12); {
	case items >= maxItems || kind == 0:
		return []string{
			fmt.Sprintf("DELETE FROM item WHERE n <= %d", n-rng.IntN(20)),
			"UPDATE total SET items = (SELECT count(*) FROM item), bytes = (SELECT coalesce(sum(length(padding)), 0) FROM item)",
		}
	case kind == 1:
		columns := []string{"x INTEGER NOT NULL, y INTEGER NOT NULL", "y INTEGER NOT NULL, x INTEGER NOT NULL"}[rng.IntN(2)]
		return []string{
			"DROP TABLE shape",
			"CREATE TABLE shape (" + columns + ")",
			fmt.Sprintf("INSERT INTO shape (x, y) VALUES (%d, -%[1]d)", n),
			fmt.Sprintf("UPDATE state SET shape = %d", n),
		}
	case kind == 2:
		return []string{"CREATE INDEX IF NOT EXISTS by_length ON item (length(padding))"}
	case kind == 3:
		return []string{"DROP INDEX IF EXISTS by_length"}
	}
	bytes := 1 + rng.IntN(4000) // randomblob(0) has one byte
	if rng.IntN(8) == 0 {
		bytes = 1 + rng.IntN(200_000)
	}
	return []string{
		fmt.Sprintf("INSERT INTO item VALUES (%d, randomblob(%d))", n, bytes),
		fmt.Sprintf("UPDATE total SET items = items + 1, bytes = bytes + %d", bytes),
	}
}

// A state is what a reader sees.
type state struct {
	n, shape             int
	items, bytes         int // of total
	counted, summed, max int // of item
	x, y                 int
}

// check returns an error unless the state is one that was committed.
func (s state) check() error {
	if s.items != s.counted || s.bytes != s.summed || s.max > s.n || s.x != s.shape || s.y != -s.shape || s.shape > s.n {
		return fmt.Errorf("a torn state: %+v", s)
	}
	return nil
}

const (
	ofItems = "count(*), coalesce(sum(length(padding)), 0), coalesce(max(n), 0)"
	// wholeState is one statement.
	wholeState = "SELECT s.n, s.shape, t.items, t.bytes, i.*, h.x, h.y FROM state s, total t, shape h, (SELECT " + ofItems + " FROM item) i"
)

func (s *state) scan(row *sql.Row) error {
	return row.Scan(&s.n, &s.shape, &s.items, &s.bytes, &s.counted, &s.summed, &s.max, &s.x, &s.y)
}

// A querier is a pool, a transaction, or a connection.
type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// readState reads by a statement for each table.
func readState(ctx context.Context, q querier) (s state, err error) {
	for _, part := range []struct {
		query string
		to    []any
	}{
		{"SELECT n, shape FROM state", []any{&s.n, &s.shape}},
		{"SELECT x, y FROM shape", []any{&s.x, &s.y}},
		{"SELECT items, bytes FROM total", []any{&s.items, &s.bytes}},
		{"SELECT " + ofItems + " FROM item", []any{&s.counted, &s.summed, &s.max}},
	} {
		if err := q.QueryRowContext(ctx, part.query).Scan(part.to...); err != nil {
			return s, fmt.Errorf("%s: %w", part.query, err)
		}
	}
	return s, s.check()
}

// A viewer is a reader whose states go forward.
type viewer struct {
	pool  *sql.DB
	whole *sql.Stmt // wholeState
	last  int
}

func newViewer(ctx context.Context, pool *sql.DB) (*viewer, error) {
	whole, err := pool.PrepareContext(ctx, wholeState)
	return &viewer{pool: pool, whole: whole}, err
}

func (v *viewer) close() { v.whole.Close() }

// look reads the state in one of three ways.
func (v *viewer) look(ctx context.Context, rng *rand.Rand) (s state, err error) {
	switch rng.IntN(3) {
	case 0:
		err = db.InReadTx(ctx, v.pool, func(tx *sql.Tx) (err error) {
			s, err = readState(ctx, tx)
			return err
		})
	case 1:
		err = s.scan(v.whole.QueryRowContext(ctx))
	default:
		err = s.scan(v.pool.QueryRowContext(ctx, wholeState))
	}
	if err == nil {
		err = s.check()
	}
	if err == nil && s.n < v.last {
		err = fmt.Errorf("the state %d follows the state %d", s.n, v.last)
	}
	v.last = max(v.last, s.n)
	return s, err
}

// integrity returns an error unless the database's b-trees are as they should be.
func integrity(ctx context.Context, pool *sql.DB) error {
	var verdict string
	err := pool.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict)
	if err == nil && verdict != "ok" {
		err = fmt.Errorf("integrity_check: %s", verdict)
	}
	return err
}
