package sqlite

import (
	"cmp"
	"fmt"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// compareHandler compares two texts by a collation. SQLite takes no error from it. After a panic
// the statement is interrupted, nothing is committed (commitHandler), and what it did in a
// transaction is undone.
// https://sqlite.org/c3ref/create_collation.html
func compareHandler(tls *libc.TLS, id uintptr, n1 int32, p1 uintptr, n2 int32, p2 uintptr) (order int32) {
	r := registrationOf(id)
	c := r.c
	if c.misled {
		return 0
	}
	err := c.guard(func() error {
		order = int32(cmp.Compare(r.collation.Compare(string(cmem.View(p1, int(n1))), string(cmem.View(p2, int(n2)))), 0))
		return nil
	})
	if err != nil {
		c.failed, c.misled = fmt.Errorf("the collation %s: %w", r.collation.Name, err), true
		sqlite3.Xsqlite3_interrupt(tls, c.handle)
	}
	return order
}

// commitHandler is called before a commit, after guardCommits. A result that isn't zero makes it a
// rollback.
// https://sqlite.org/c3ref/commit_hook.html
func commitHandler(_ *libc.TLS, id uintptr) int32 {
	if c := connOf(id); c != nil && (c.broken || c.misled) {
		return 1
	}
	return 0
}

// undoMisled ends a statement, after a step that ended with rc, in which a collation has panicked.
// SQLite may not have noticed the interrupt: then what the statement wrote in a transaction is
// rolled back here.
func (c *conn) undoMisled(handle uintptr, rc int32) int32 {
	if rc == sqlite3.SQLITE_ROW || rc == sqlite3.SQLITE_DONE {
		if c.InTx() && sqlite3.Xsqlite3_stmt_readonly(c.tls, handle) == 0 {
			c.misled = false
			_ = c.runOwn(rollback)
		}
		rc = sqlite3.SQLITE_INTERRUPT
	}
	return rc
}

// guardCommits has SQLite ask before each commit.
func (c *conn) guardCommits() {
	sqlite3.Xsqlite3_commit_hook(c.tls, c.handle, commitFunc, c.id)
}
