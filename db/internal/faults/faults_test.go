package faults_test

import (
	"database/sql"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/faults"
)

// check wants the results to have no violation.
func check(t *testing.T, r *faults.Results) {
	t.Helper()
	t.Logf("\n%s", r.Table())
	for i, v := range r.Violations() {
		if i == 50 {
			t.Fatalf("and more")
		}
		t.Error(v)
	}
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	check(t, faults.Matrix(t, target(t), faults.Ours()))
}

// TestMatrixWithJSON has a server without protobuf.
func TestMatrixWithJSON(t *testing.T) {
	t.Parallel()
	json := target(t)
	json.OnlyJSON = true
	check(t, faults.Matrix(t, json, faults.Ours()))
}

func TestRandom(t *testing.T) {
	t.Parallel()
	check(t, faults.Random(t, target(t), faults.Ours(), faults.Options{Operations: 50}))
}

func TestContention(t *testing.T) {
	t.Parallel()
	check(t, faults.Contention(t, target(t), faults.Ours(), faults.Options{Operations: 25}))
}

func TestCrash(t *testing.T) {
	t.Parallel()
	check(t, faults.Crash(t, dbtest.StartServer(t), faults.Ours(), 5, faults.Options{}))
}

// TestKeptLocks leaves the lock of a transaction whose reply was lost with the server, until
// it gives it to the next attempt.
func TestKeptLocks(t *testing.T) {
	t.Parallel()
	p := faults.StartProxy(t, target(t).URL)
	pool, err := db.Open(t.Context(), p.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), "CREATE TABLE t (x)"); err != nil {
		t.Fatal(err)
	}
	trap := p.Arm(faults.CutAfter, 1, "INSERT")
	err = db.InTx(t.Context(), pool, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
		return err
	})
	if err != nil || !trap.Fired() {
		t.Errorf("InTx: %v; was there a fault: %v", err, trap.Fired())
	}
	var n int
	if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, want 1; %v", n, err)
	}
}

// TestLeaks counts what the process has, so it runs by itself.
func TestLeaks(t *testing.T) {
	check(t, faults.Leaks(t, target(t), faults.Ours(), 400))
}

func target(t *testing.T) faults.Target {
	t.Helper()
	return faults.Target{URL: dbtest.StartServer(t).URL()}
}
