package db_test

import (
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestServerIsBusy is about a lock that another has on a server for a while: it is waited
// for, or not, as the program says.
func TestServerIsBusy(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	patient, impatient := open(t, server.URL()), open(t, server.URL(), db.WithBusyTimeout(0))
	execute(t, patient, "CREATE TABLE t (x)")

	// One that waits for nothing is told so by the server, which itself waits.
	tx := beginAndLock(t, patient)
	time.AfterFunc(500*time.Millisecond, func() { tx.Commit() })
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { execute(t, patient, "INSERT INTO t VALUES (1)") })
		group.Go(func() {
			if _, err := impatient.Exec("INSERT INTO t VALUES (2)"); err != nil {
				checkKind(t, "impatient", err, db.ErrBusy)
			}
		})
	}
	group.Wait()
	check(t, "rows", get[int](t, patient, "SELECT count(*) FROM t WHERE x = 1"), 4)
}
