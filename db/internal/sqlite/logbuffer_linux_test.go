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

// TestLogWriteFails lets each write of a transaction fail in turn. It wants the statement or the COMMIT to
// fail, the transaction to be undone, and the next one to work.
func TestLogWriteFails(t *testing.T) {
	for pages, least := range map[int]int64{10: 50, 4000: 3} {
		t.Run(fmt.Sprint(pages), func(t *testing.T) { testLogWriteFails(t, pages, least) })
	}
}

// testLogWriteFails has a page cache of so many pages. At least so many writes can fail.
func testLogWriteFails(t *testing.T, pages int, least int64) {
	cfg := fileConfig(t, 0)
	c := connect(t, New(cfg))
	mustExec(t, c, fmt.Sprint("PRAGMA cache_size = ", pages), "CREATE TABLE t (id INTEGER PRIMARY KEY, n, x)")
	exec(t, c, sqltext.Insert, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, 0, hex(randomblob(300)) FROM n")
	methods := diskMethods(c.openFile(sqlite3.SQLITE_FCNTL_JOURNAL_POINTER)) // no other test runs beside this one
	unfailingWrite = methods.FxWrite
	methods.FxWrite = cmem.AddressOf(writeOrFail)
	t.Cleanup(func() { methods.FxWrite = unfailingWrite })
	write := int64(0)
	for all := false; !all; {
		write++
		before := get(t, c, "SELECT sum(n) FROM t").(int64)
		must(t, c.Begin(t.Context(), engine.Write))
		failingWrite.Store(write)
		_, err := tryExec(t.Context(), c, sqltext.Change, "UPDATE t SET n = n + 1, x = hex(randomblob(300))")
		if err == nil {
			err = c.Commit(t.Context())
		}
		all = failingWrite.Swap(0) > 0 // so all writes succeeded
		if c.tx != txNone {
			must(t, c.Rollback(t.Context()))
		}
		want := before
		if all {
			must(t, err)
			want += 300
		} else {
			checkKind(t, fmt.Sprint("write ", write), err, engine.ErrFull, sqlite3.SQLITE_FULL)
		}
		check(t, "sum", get(t, c, "SELECT sum(n) FROM t"), any(want))
		mustExec(t, c, "UPDATE t SET n = n + 1 WHERE id = 1")
		check(t, "sum in a copy", inCopy(t, cfg.Path, "SELECT sum(n) FROM t"), fmt.Sprint(want+1))
	}
	if write <= least {
		t.Errorf("%d writes failed, want at least %d", write-1, least)
	}
}
