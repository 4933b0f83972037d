package soak_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A look reads all accounts in one of the ways in which nobody may see what others
// have half done.
type look func(context.Context, *sql.DB) (view, error)

// A view is what a look saw.
type view struct {
	sum, count, marks int
}

var looks = []struct {
	name string
	look look
}{
	{"sum", lookBySum},
	{"rows", lookByRows},
	{"snapshot", lookInReadTx},
	{"tx", lookInTx},
}

const sumAccounts = "SELECT sum(balance), count(*), sum(marked) FROM account"

// lookBySum has the database add.
func lookBySum(ctx context.Context, pool *sql.DB) (v view, err error) {
	err = pool.QueryRowContext(ctx, sumAccounts).Scan(&v.sum, &v.count, &v.marks)
	return v, err
}

// lookByRows reads one result row by row, while others go on.
func lookByRows(ctx context.Context, pool *sql.DB) (v view, err error) {
	rows, err := pool.QueryContext(ctx, "SELECT balance, marked FROM account ORDER BY id")
	if err != nil {
		return v, err
	}
	defer rows.Close()
	for rows.Next() {
		var balance, marked int
		if err := rows.Scan(&balance, &marked); err != nil {
			return v, err
		}
		v = view{v.sum + balance, v.count + 1, v.marks + marked}
		time.Sleep(100 * time.Microsecond)
	}
	return v, rows.Err()
}

// lookInReadTx reads each account by a statement of its own, and then all at once.
func lookInReadTx(ctx context.Context, pool *sql.DB) (v view, err error) {
	err = db.InReadTx(ctx, pool, func(tx *sql.Tx) (err error) {
		v, err = lookOneByOne(ctx, tx)
		return err
	})
	return v, err
}

// lookInTx has the lock, so that nobody else writes meanwhile.
func lookInTx(ctx context.Context, pool *sql.DB) (v view, err error) {
	err = db.InTx(ctx, pool, func(tx *sql.Tx) (err error) {
		v, err = lookOneByOne(ctx, tx)
		return err
	})
	return v, err
}

func lookOneByOne(ctx context.Context, tx *sql.Tx) (v view, err error) {
	for id := 1; id <= accounts; id++ {
		var balance, marked int
		if err := tx.QueryRowContext(ctx, "SELECT balance, marked FROM account WHERE id = ?", id).Scan(&balance, &marked); err != nil {
			return v, err
		}
		v = view{v.sum + balance, v.count + 1, v.marks + marked}
	}
	var again view
	if err := tx.QueryRowContext(ctx, sumAccounts).Scan(&again.sum, &again.count, &again.marks); err != nil {
		return v, err
	}
	if again != v {
		return v, fmt.Errorf("one transaction sees %+v and then %+v", v, again)
	}
	return v, nil
}

// TestNoTornOrDirtyRead has transactions that move amounts between accounts, others
// that are rolled back, and readers who look at them.
func TestNoTornOrDirtyRead(t *testing.T) {
	t.Parallel()
	eachEngine(t, testReads)
}

func testReads(t *testing.T, d dbtest.Database) {
	s := newSeed(t)
	pool := open(t, d, accountSchema...)
	ctx, cancel := context.WithTimeout(t.Context(), runTime(t, 700*time.Millisecond))
	defer cancel()
	var moves, abandoned, reads atomic.Int64
	const writers, readers = 4, 6
	together(writers+readers, func(number int) {
		rng := s.rand(number)
		for ctx.Err() == nil && !t.Failed() {
			switch {
			case number >= writers:
				checkLook(t, pool, rng)
				reads.Add(1)
			case rng.IntN(3) == 0:
				if err := abandon(t.Context(), pool, rng); err != nil {
					t.Errorf("transaction to be rolled back: %v", err)
				}
				abandoned.Add(1)
			default:
				if err := db.InTx(t.Context(), pool, func(tx *sql.Tx) error { return move(t.Context(), tx, rng) }); err != nil {
					t.Errorf("transaction: %v", err)
				}
				moves.Add(1)
			}
		}
	})
	t.Logf("%d transactions, %d rolled back, %d reads", moves.Load(), abandoned.Load(), reads.Load())
	checkLook(t, pool, s.rand(-1))
	checkIntegrity(t, pool)
}

// checkLook looks at the accounts in one of the ways.
func checkLook(t *testing.T, pool *sql.DB, rng *rand.Rand) {
	t.Helper()
	way := looks[rng.IntN(len(looks))]
	v, err := way.look(t.Context(), pool)
	if err != nil {
		t.Errorf("%s: %v", way.name, err)
	} else if want := (view{accountSum, accounts, 0}); v != want {
		t.Errorf("%s: saw %+v, want %+v", way.name, v, want)
	}
}
