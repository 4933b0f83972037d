package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
)

// A fate is what a caller knows of its write.
type fate string

const (
	// done: it was acknowledged.
	done fate = "done"
	// undone: the error says that nothing was written.
	undone fate = "undone"
	// unknown: the error says that it may have been written or not.
	unknown fate = "unknown"
)

// fateOf returns what a write's error tells of it.
func fateOf(err error) fate {
	switch {
	case err == nil:
		return done
	case errors.Is(err, db.ErrOutcomeUnknown):
		return unknown
	default:
		return undone
	}
}

// isOutage reports whether an error is one that a server's end explains.
func isOutage(err error) bool {
	return errors.Is(err, db.ErrUnavailable) || errors.Is(err, db.ErrTxLost) || errors.Is(err, db.ErrBusy)
}

// A ledger has what callers know, to be compared with what is in the database. What
// isn't in it may be there or not: its caller was killed before it knew.
type ledger struct {
	mu    sync.Mutex
	fates map[int64]fate
	rows  map[int64]int // of what is done
	count map[fate]int
}

func newLedger() *ledger {
	return &ledger{fates: map[int64]fate{}, rows: map[int64]int{}, count: map[fate]int{}}
}

func (l *ledger) note(id int64, rows int, f fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fates[id], l.rows[id] = f, rows
	l.count[f]++
}

// A found operation is what the database has of one.
type found struct {
	rows, parts   int // rows, and how many of them are different
	fewest, wants int // what the rows say that they should be
}

// check compares the ledger with the database.
func (l *ledger) check(t *testing.T, pool *sql.DB) {
	t.Helper()
	var all map[int64]found
	var rows, tally int
	err := db.InReadTx(t.Context(), pool, func(tx *sql.Tx) (err error) {
		if all, err = readWritten(t.Context(), tx); err != nil {
			return err
		}
		return tx.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM written), (SELECT rows FROM tally)").Scan(&rows, &tally)
	})
	if err != nil {
		t.Fatal(err)
	}
	if rows != tally {
		t.Errorf("there are %d rows, and the trigger has counted %d", rows, tally)
	}
	for id, op := range all {
		if op.rows != op.wants || op.parts != op.wants || op.fewest != op.wants {
			t.Errorf("operation %d (%s) is not there once and whole: %+v", id, l.fates[id], op)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, f := range l.fates {
		switch op, there := all[id]; {
		case f == done && !there:
			t.Errorf("operation %d was acknowledged and is not there", id)
		case f == done && op.rows != l.rows[id]:
			t.Errorf("operation %d has %d rows, want %d", id, op.rows, l.rows[id])
		case f == undone && there:
			t.Errorf("operation %d is there; its error said that nothing was written", id)
		}
	}
	checkIntegrity(t, pool)
	t.Logf("%d operations are there; the callers know of %v", len(all), l.count)
}

func readWritten(ctx context.Context, tx *sql.Tx) (map[int64]found, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT op, count(*), count(DISTINCT part), min(parts), max(parts) FROM written GROUP BY op`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]found{}
	for rows.Next() {
		var id int64
		var op found
		if err := rows.Scan(&id, &op.rows, &op.parts, &op.fewest, &op.wants); err != nil {
			return nil, err
		}
		all[id] = op
	}
	return all, rows.Err()
}

func checkIntegrity(t *testing.T, pool *sql.DB) {
	t.Helper()
	var verdict string
	if err := pool.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %q, %v", verdict, err)
	}
}

// line is for the pipe between processes.
func (f fate) line(id int64, rows int) string {
	return fmt.Sprintln(string(f), id, rows)
}
