package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// ledgerTables are where operations leave their marks. None is unique: what is applied
// twice is there twice.
var ledgerTables = []string{
	"CREATE TABLE IF NOT EXISTS fault_rows (op INTEGER NOT NULL, part INTEGER NOT NULL)",
	"CREATE INDEX IF NOT EXISTS fault_rows_op ON fault_rows (op)",
	"CREATE TABLE IF NOT EXISTS fault_counters (op INTEGER PRIMARY KEY, n INTEGER NOT NULL)",
	"CREATE TABLE IF NOT EXISTS fault_targets (op INTEGER NOT NULL)",
	"CREATE INDEX IF NOT EXISTS fault_targets_op ON fault_targets (op)",
	"CREATE TABLE IF NOT EXISTS fault_accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)",
	"CREATE TABLE IF NOT EXISTS fault_moves (op INTEGER NOT NULL, account INTEGER NOT NULL, amount INTEGER NOT NULL)",
	strings.Replace(db.OnceSchema, "CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1),
}

const (
	// targetRows is how many rows an operation finds that it may delete, one each time.
	targetRows = 3
	// block is for how many operations at once the ledger makes things ready.
	block = 500
	// bound is what no call takes, unless something hangs.
	bound = 90 * time.Second
)

// A Ledger counts, by a connection of its own to the server, what has been applied.
type Ledger struct {
	pool *sql.DB

	mu   sync.Mutex
	last int64 // the operation that was given out
	made int64 // up to which things are ready
}

// OpenLedger opens the database at url, past any proxy, and makes the tables that the
// workloads write to, if they aren't there. It closes with the test.
func OpenLedger(tb testing.TB, url string, opts ...db.Option) *Ledger {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	pool, err := db.Open(ctx, url, opts...)
	if err != nil {
		tb.Fatalf("faults: the ledger: %v", err)
	}
	tb.Cleanup(func() { pool.Close() })
	l := &Ledger{pool: pool}
	for _, table := range ledgerTables {
		if _, err := pool.ExecContext(ctx, table); err != nil {
			tb.Fatalf("faults: the ledger: %v", err)
		}
	}
	const highest = "SELECT max((SELECT coalesce(max(op), 0) FROM fault_counters), (SELECT coalesce(max(op), 0) FROM fault_rows))"
	if err := pool.QueryRowContext(ctx, highest).Scan(&l.last); err != nil {
		tb.Fatalf("faults: the ledger: %v", err)
	}
	l.made = l.last
	return l
}

// Next returns the number of a new operation. It has a counter at 0, and rows that it may
// delete.
func (l *Ledger) Next(ctx context.Context) (op int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == l.made {
		if err := l.prepare(ctx, l.made+1, l.made+block); err != nil {
			return 0, fmt.Errorf("the ledger: %w", err)
		}
		l.made += block
	}
	l.last++
	return l.last, nil
}

// prepare is run again until it is known to have been done: it does nothing twice.
func (l *Ledger) prepare(ctx context.Context, from, to int64) error {
	const series = "WITH RECURSIVE s (op) AS (SELECT ?1 UNION ALL SELECT op + 1 FROM s WHERE op < ?2) "
	for {
		err := db.InTx(ctx, l.pool, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, "DELETE FROM fault_targets WHERE op BETWEEN ? AND ?", from, to); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO fault_counters "+series+"SELECT op, 0 FROM s", from, to); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO fault_targets "+series+"SELECT op FROM s, (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)", from, to)
			return err
		})
		if !errors.Is(err, db.ErrOutcomeUnknown) {
			return err
		}
	}
}

// A Mark is where an operation leaves that it was applied.
type Mark int

const (
	// Rows: rows of fault_rows, one for each part of the operation.
	Rows Mark = iota
	// Counter: its number in fault_counters.
	Counter
	// Targets: rows of fault_targets that are gone.
	Targets
)

// Count returns how often each of an operation's parts, counted from 0, was applied.
func (l *Ledger) Count(ctx context.Context, op int64, mark Mark, parts int) ([]int, error) {
	counts := make([]int, parts)
	switch mark {
	case Counter:
		return counts, l.pool.QueryRowContext(ctx, "SELECT n FROM fault_counters WHERE op = ?", op).Scan(&counts[0])
	case Targets:
		err := l.pool.QueryRowContext(ctx, "SELECT count(*) FROM fault_targets WHERE op = ?", op).Scan(&counts[0])
		counts[0] = targetRows - counts[0]
		return counts, err
	}
	rows, err := l.pool.QueryContext(ctx, "SELECT part, count(*) FROM fault_rows WHERE op = ? GROUP BY part", op)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var part, n int
		if err := rows.Scan(&part, &n); err != nil {
			return nil, err
		}
		if part >= len(counts) {
			return nil, fmt.Errorf("the operation %d has a part %d, which there isn't", op, part)
		}
		counts[part] = n
	}
	return counts, rows.Err()
}
