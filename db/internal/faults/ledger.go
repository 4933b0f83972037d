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

// ledgerTables are the tables for the marks of operations. They have no unique column, so that
// a mark that is applied twice is visible twice.
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
	// targetRows is the number of rows that each operation can delete.
	targetRows = 3
	// block is the number of operations that the ledger prepares at once.
	block = 500
	// bound is longer than any call takes that doesn't hang.
	bound = 90 * time.Second
)

// A Ledger counts the applied operations through its own connection to the server.
type Ledger struct {
	pool *sql.DB

	mu   sync.Mutex
	last int64 // last operation that was handed out
	made int64 // last operation that is prepared
}

// OpenLedger opens the database at url, which isn't a proxy's, and creates the tables of the
// workloads if they don't exist. It closes with the test.
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

// Next returns the number of a new operation, with a counter at 0 and rows to delete.
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

// prepare can be repeated until it succeeds, without doing anything twice.
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

// A Mark is the way in which an operation marks that it was applied.
type Mark int

const (
	// Rows: rows of fault_rows, one for each part of the operation.
	Rows Mark = iota
	// Counter: its number in fault_counters.
	Counter
	// Targets: deleted rows of fault_targets.
	Targets
)

// Count returns how often each part of an operation, from 0, was applied.
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
