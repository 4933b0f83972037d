package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestContention has many who write and many who read the same row. None of them is
// told that the database is locked, within a wait that is long enough. How long a server
// waits is up to it: sqld now and then refuses all who want the lock after less than a
// second, with nothing wrong. There it is InTx that nobody is told by.
func TestContention(t *testing.T) {
	t.Parallel()
	eachEngine(t, testContention)
}

const writers, readers = 16, 16

func testContention(t *testing.T, d dbtest.Database) {
	c := contenders{
		t:    t,
		seed: newSeed(t),
		pool: open(t, d, "CREATE TABLE counter (n INTEGER NOT NULL)", "INSERT INTO counter VALUES (0)"),
	}
	end := time.Now().Add(runTime(t, 700*time.Millisecond))
	together(writers+readers, func(number int) {
		if number < writers {
			c.write(number, end)
		} else {
			c.read(number, end)
		}
	})
	n, err := c.look()
	written := slices.Concat(c.took[:writers]...)
	if err != nil || n != len(written) {
		t.Errorf("the counter is %d after %d increments (%v)", n, len(written), err)
	}
	if busy := c.busy.Load(); busy > 0 && d.Local() {
		t.Errorf("%d times: %v", busy, db.ErrBusy)
	} else if busy > 0 {
		t.Logf("%d transactions were tried again: %v", busy, db.ErrBusy)
	}
	t.Logf("writes %v", written)
	t.Logf("reads %v", slices.Concat(c.took[writers:]...))
}

// contenders are those who write, and then those who read.
type contenders struct {
	t    *testing.T
	seed seed
	pool *sql.DB
	took [writers + readers]latencies
	busy atomic.Int64
}

// measure notes how long one of them had to wait for fn.
func (c *contenders) measure(number int, fn func() error) {
	start := time.Now()
	if err := fn(); err != nil {
		c.t.Error(err)
		return
	}
	c.took[number] = append(c.took[number], time.Since(start))
}

// write increments the counter by reading it and writing the next number.
func (c *contenders) write(number int, end time.Time) {
	count := db.WithRetryHook(func(_ context.Context, r db.Retry) {
		if errors.Is(r.Err, db.ErrBusy) {
			c.busy.Add(1)
		} else {
			c.t.Errorf("a transaction is tried again: %v", r.Err)
		}
	})
	ctx := c.t.Context()
	for time.Now().Before(end) && !c.t.Failed() {
		c.measure(number, func() error {
			return db.InTx(ctx, c.pool, func(tx *sql.Tx) error {
				var n int
				if err := tx.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil {
					return err
				}
				_, err := tx.ExecContext(ctx, "UPDATE counter SET n = ?", n+1)
				return err
			}, count)
		})
	}
}

// read looks at the counter, which never goes back. A program does something with what
// it reads: readers who don't would show how busy a processor can be, and no more.
func (c *contenders) read(number int, end time.Time) {
	rng := c.seed.rand(number)
	last := 0
	for time.Now().Before(end) && !c.t.Failed() {
		c.measure(number, func() error {
			n, err := c.look()
			if n < last && err == nil {
				c.t.Errorf("the counter was %d and is %d", last, n)
			}
			last = n
			return err
		})
		time.Sleep(pause(rng, time.Millisecond))
	}
}

func (c *contenders) look() (n int, err error) {
	err = c.pool.QueryRowContext(c.t.Context(), "SELECT n FROM counter").Scan(&n)
	return n, err
}
