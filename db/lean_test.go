package db_test

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestLean looks for the goroutine with which database/sql waits for the end of a query's
// context. It isn't parallel, so that those of other tests are gone.
func TestLean(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		waitForWatchers(t, 0)
		lean, err := db.Lean(pool).QueryContext(ctx, "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		defer lean.Close()
		// The goroutine that there mustn't be starts before this one.
		plain, err := pool.QueryContext(ctx, "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		waitForWatchers(t, 1)
	})
}

// waitForWatchers waits until there are n such goroutines; it never sees more.
func waitForWatchers(t *testing.T, n int) {
	t.Helper()
	stacks := make([]byte, 8<<20)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		got := bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("(*Rows).awaitDone("))
		if got == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines wait for contexts of queries, want %d", got, n)
		}
	}
}
