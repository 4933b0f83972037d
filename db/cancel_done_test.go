package db_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// TestDoneIsNoError ends contexts at about the time at which a write is done: either the
// call has the context's error and nothing was written, or it has none.
func TestDoneIsNoError(t *testing.T) {
	t.Parallel()
	for _, url := range []string{":memory:", filepath.Join(t.TempDir(), "app.db")} {
		pool := open(t, url)
		execute(t, pool, "CREATE TABLE t (n INTEGER NOT NULL)", "INSERT INTO t VALUES (0)")
		// SQLite looks at the context every thousand steps or so: these are some hundred.
		const update = "UPDATE t SET n = n + 1 WHERE (WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40) SELECT count(*) FROM c) = 40"
		done, ended := 0, 0
		for range 10_000 {
			ctx, cancel := context.WithCancel(t.Context())
			spins := new(atomic.Int64) // a timer is too coarse
			spins.Store(rand.Int64N(20_000))
			go func() {
				for spins.Add(-1) > 0 {
				}
				cancel()
			}()
			_, err := pool.ExecContext(ctx, update)
			spins.Store(0)
			cancel()
			switch {
			case err == nil:
				done++
			case errors.Is(err, context.Canceled):
				ended++
			default:
				t.Fatal(err)
			}
		}
		check(t, url+": updates that are done", get[int](t, pool, "SELECT n FROM t"), done)
		t.Logf("%d done, %d ended", done, ended)
	}
}
