package sqlite

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// failingWrite is the number of the write to a file, counted from now on, that finds the disk full.
var failingWrite atomic.Int64

func writeOrFail(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	if failingWrite.Add(-1) == 0 {
		return sqlite3.SQLITE_FULL
	}
	return cmem.FuncAt[vfs.TransferFunc](unfailingWrite)(tls, file, from, n, offset)
}

var unfailingWrite uintptr

// TestLogWriteFails lets each write of a transaction fail in turn, once. It wants a statement or the COMMIT to
// fail, and the database to have the statements before it, if SQLite lets the transaction go on, or none.
func TestLogWriteFails(t *testing.T) {
	for pages, least := range map[int]int64{4: 10, 10: 5, 4000: 3} {
		t.Run(fmt.Sprint(pages), func(t *testing.T) { testLogWriteFails(t, pages, least) })
	}
}

// testLogWriteFails has a page cache of so many pages. At least so many writes can fail.
func testLogWriteFails(t *testing.T, pages int, least int64) {
	cfg := fileConfig(t, 0)
	c := connect(t, New(cfg))
	// With the condition, SQLite can undo a statement alone if a write of it fails.
	mustExec(t, c, fmt.Sprint("PRAGMA cache_size = ", pages), "CREATE TABLE t (id INTEGER PRIMARY KEY, n CHECK (n >= 0), x)")
	exec(t, c, sqltext.Insert, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, 0, hex(randomblob(80)) FROM n")
	methods := diskMethods(c.openFile(sqlite3.SQLITE_FCNTL_JOURNAL_POINTER)) // no other test runs beside this one
	unfailingWrite = methods.FxWrite
	methods.FxWrite = cmem.AddressOf(writeOrFail)
	t.Cleanup(func() { methods.FxWrite = unfailingWrite })
	write, goneOn := int64(0), 0
	for all := false; !all; {
		write++
		// So the pages are read from the database, and frames follow each other also before the end of a transaction.
		mustExec(t, c, "PRAGMA wal_checkpoint(TRUNCATE)")
		want := get(t, c, "SELECT sum(n) FROM t").(int64)
		must(t, c.Begin(t.Context(), engine.Write))
		failingWrite.Store(write)
		changed, err := updateTwice(t, c)
		if err != nil && c.InTx() {
			goneOn++
		}
		if c.InTx() {
			failed := c.Commit(t.Context())
			if err == nil {
				err = failed
			}
			if failed == nil {
				want += changed
			}
		}
		if c.tx != txNone {
			must(t, c.Rollback(t.Context()))
		}
		all = failingWrite.Swap(0) > 0 // so all writes succeeded
		if all {
			must(t, err)
			check(t, "changes", changed, int64(600))
		} else {
			checkKind(t, fmt.Sprint("write ", write), err, engine.ErrFull, sqlite3.SQLITE_FULL)
		}
		check(t, fmt.Sprint("sum after write ", write), get(t, c, "SELECT sum(n) FROM t"), any(want))
		mustExec(t, c, "UPDATE t SET n = n + 1 WHERE id = 1")
		check(t, "sum in a copy", inCopy(t, cfg.Path, "SELECT sum(n) FROM t"), fmt.Sprint(want+1))
		check(t, "integrity of the copy", inCopy(t, cfg.Path, "PRAGMA integrity_check"), "ok")
	}
	if write <= least {
		t.Errorf("%d writes failed, want at least %d", write-1, least)
	}
	if pages < 10 && goneOn == 0 {
		t.Error("no transaction went on after a failed write")
	}
}

// updateTwice returns the number of rows that it has changed, and the first error.
func updateTwice(t *testing.T, c *conn) (changed int64, first error) {
	for range 2 {
		_, err := tryExec(t.Context(), c, sqltext.Change, "UPDATE t SET n = n + 1, x = hex(randomblob(80))")
		switch {
		case err == nil:
			changed += 300
		case first == nil:
			first = err
		}
		if !c.InTx() {
			break
		}
	}
	return changed, first
}
