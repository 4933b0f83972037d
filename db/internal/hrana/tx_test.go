package hrana_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var cmpErrors = cmpopts.EquateErrors()

func begin(t *testing.T, c engine.Conn, mode engine.Mode) {
	t.Helper()
	if err := c.Begin(t.Context(), mode); err != nil {
		t.Fatal(err)
	}
}

func TestTransaction(t *testing.T) {
	t.Parallel()
	c, d := serve(t)
	other := connect(t, d)
	must(t, c, "CREATE TABLE t (x)")
	for _, end := range []func(context.Context) error{c.Commit, c.Rollback} {
		begin(t, c, engine.Write) // without any statement
		check(t, "InTx", c.InTx(), true)
		if err := end(t.Context()); err != nil {
			t.Error(err)
		}
		check(t, "InTx", c.InTx(), false)

		begin(t, c, engine.Write)
		must(t, c, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)")
		checkRow(t, c, "SELECT count(*) > 1 FROM t", int64(1))
		check(t, "InTx", c.InTx(), true)
		if err := end(t.Context()); err != nil {
			t.Error(err)
		}
		check(t, "InTx", c.InTx(), false)
		checkRow(t, other, "SELECT count(*) FROM t", int64(2))
	}
	if err := c.Commit(t.Context()); err == nil {
		t.Error("Commit outside of a transaction succeeds")
	}
	if err := c.Rollback(t.Context()); err != nil {
		t.Errorf("Rollback outside of a transaction: %v", err)
	}
}

func TestReadTransaction(t *testing.T) {
	t.Parallel()
	c, d := serve(t)
	other := connect(t, d)
	must(t, c, "CREATE TABLE t (x)")
	begin(t, c, engine.Read)
	checkRow(t, c, "SELECT count(*) FROM t", int64(0))
	must(t, other, "INSERT INTO t VALUES (1)")
	checkRow(t, c, "SELECT count(*) FROM t", int64(0))
	for _, sql := range []string{
		"INSERT INTO t VALUES (2)", "UPDATE t SET x = 3", "DELETE FROM t", "CREATE TABLE u (x)", "DROP TABLE t",
		"PRAGMA user_version = 7", "VACUUM",
	} {
		_, err := exec(t.Context(), t, c, sql)
		checkError(t, sql, err, engine.ErrReadOnly, engine.CodeReadOnly, "attempt to write a readonly database")
		_, err = query(t, c, sql)
		checkError(t, sql, err, engine.ErrReadOnly, engine.CodeReadOnly, "attempt to write a readonly database")
	}
	must(t, c, "PRAGMA user_version", "SAVEPOINT a", "RELEASE a", "EXPLAIN INSERT INTO t VALUES (1)")
	check(t, "InTx", c.InTx(), true)
	if err := c.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	checkRow(t, c, "SELECT count(*) FROM t", int64(1))
	must(t, c, "INSERT INTO t VALUES (2)")
}

func TestCommitFails(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	must(t, c, "CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE f (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
	for range 2 {
		begin(t, c, engine.Write)
		must(t, c, "INSERT INTO f VALUES (7)")
		checkError(t, "Commit", c.Commit(t.Context()), engine.ErrForeignKey, engine.CodeForeignKey, "FOREIGN KEY constraint failed")
		check(t, "InTx", c.InTx(), true)
		if err := c.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		checkRow(t, c, "SELECT count(*) FROM f", int64(0))
	}
}

// TestStatementEndsTransaction checks statements that end the transaction of Begin.
func TestStatementEndsTransaction(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	must(t, c, "CREATE TABLE t (x UNIQUE)", "INSERT INTO t VALUES (1)")
	for _, ending := range []string{"INSERT OR ROLLBACK INTO t VALUES (1)", "ROLLBACK"} {
		for _, first := range []string{"SELECT 1", ending} {
			begin(t, c, engine.Write)
			_, _ = exec(t.Context(), t, c, first)
			_, _ = exec(t.Context(), t, c, ending)
			check(t, "InTx", c.InTx(), false)
			check(t, "Valid", c.Valid(), false)
			_, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (2)")
			checkTxLost(t, "Exec", err)
			checkTxLost(t, "Ping", c.Ping(t.Context()))
			checkTxLost(t, "Check", prepare(t, c, statement("SELECT 12")).Check(t.Context()))
			if first == ending {
				checkTxLost(t, "Commit", c.Commit(t.Context()))
			} else if err := c.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
			check(t, "Valid", c.Valid(), true)
			checkRow(t, c, "SELECT count(*) FROM t", int64(1))
		}
	}
}

// TestRawTransaction checks transactions that a statement begins.
func TestRawTransaction(t *testing.T) {
	t.Parallel()
	c, d := serve(t)
	other := connect(t, d)
	must(t, c, "CREATE TABLE t (x UNIQUE)")
	for i, script := range [][]string{
		{"BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"},
		{"BEGIN IMMEDIATE", "INSERT INTO t VALUES (2)", "COMMIT"},
		{"SAVEPOINT a", "INSERT INTO t VALUES (3)", "ROLLBACK TO a", "INSERT INTO t VALUES (3)", "RELEASE a"},
	} {
		for j, sql := range script {
			must(t, c, sql)
			check(t, sql+": InTx", c.InTx(), j < len(script)-1)
			if c.InTx() {
				checkRow(t, other, "SELECT count(*) FROM t", int64(i))
			}
		}
	}
	must(t, c, "BEGIN", "DELETE FROM t")
	if err := c.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	must(t, c, "BEGIN", "DELETE FROM t", "ROLLBACK")
	checkRow(t, c, "SELECT count(*) FROM t", int64(3))

	must(t, c, "BEGIN", "DELETE FROM t WHERE x = 3")
	_, err := exec(t.Context(), t, c, "INSERT OR ROLLBACK INTO t VALUES (1)")
	checkError(t, "conflict", err, engine.ErrUnique, engine.CodeUnique, "t.x")
	_, err = exec(t.Context(), t, c, "DELETE FROM t")
	checkTxLost(t, "DELETE", err)
	check(t, "Valid", c.Valid(), false)
	checkTxLost(t, "Begin", c.Begin(t.Context(), engine.Write))
	must(t, c, "ROLLBACK")
	check(t, "Valid", c.Valid(), true)
	checkRow(t, c, "SELECT count(*) FROM t", int64(3))
	if _, err := exec(t.Context(), t, c, "COMMIT"); err == nil {
		t.Error("COMMIT succeeds outside of a transaction")
	}
}

// TestStolenLock lets another connection wait 5 s for the lock, until the server takes it from the
// first connection.
func TestStolenLock(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 5 seconds")
	}
	t.Parallel()
	c, d := serve(t)
	other := connect(t, d)
	must(t, c, "CREATE TABLE t (x)")
	begin(t, c, engine.Write)
	must(t, c, "INSERT INTO t VALUES (1)")
	must(t, other, "INSERT INTO t VALUES (2)")
	_, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (3)")
	checkError(t, "a", err, engine.ErrBusy, engine.CodeBusy, "Transaction timed out")
	_, err = exec(t.Context(), t, c, "INSERT INTO t VALUES (4)")
	checkTxLost(t, "b", err)
	checkTxLost(t, "Commit", c.Commit(t.Context()))
	checkRow(t, c, "SELECT group_concat(x) FROM t", "2")
}

// TestIdleStreams uses connections after the server has closed their streams.
func TestIdleStreams(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 13 seconds")
	}
	t.Parallel()
	inTx, d := serve(t)
	plain, inRaw := connect(t, d), connect(t, d)
	must(t, plain, "CREATE TABLE t (x)")
	begin(t, inTx, engine.Write)
	must(t, inTx, "SELECT 1")
	must(t, inRaw, "BEGIN", "SELECT 1")
	time.Sleep(13 * time.Second)
	must(t, plain, "INSERT INTO t VALUES (1)")
	for what, c := range map[string]engine.Conn{"Begin": inTx, "BEGIN": inRaw} {
		_, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (2)")
		checkTxLost(t, what, err)
		_, err = exec(t.Context(), t, c, "INSERT INTO t VALUES (2)")
		checkTxLost(t, what+", again", err)
		if err := c.Rollback(t.Context()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		checkRow(t, c, "SELECT count(*) FROM t", int64(1))
	}
}

// TestServerRestarts uses connections after a restart of the server, which has forgotten their streams.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	d := open(t, transport.Config{URL: server.URL()})
	plain, inTx, inRaw := connect(t, d), connect(t, d), connect(t, d)
	must(t, plain, "CREATE TABLE t (x)")
	begin(t, inTx, engine.Write)
	must(t, inTx, "SELECT 1")
	must(t, inRaw, "BEGIN", "SELECT 1")
	server.Kill()

	// The ping makes the client notice that its TCP connection is closed.
	checkError(t, "ping", plain.Ping(t.Context()), engine.ErrUnavailable, 0, "the server")
	_, err := exec(t.Context(), t, plain, "INSERT INTO t VALUES (1)")
	if e := checkError(t, "while it is down", err, engine.ErrUnavailable, 0, "the server"); e.OutcomeUnknown {
		t.Errorf("the outcome of what could not be sent is unknown: %v", err)
	}
	server.Restart()
	must(t, plain, "INSERT INTO t VALUES (1)")
	for what, c := range map[string]engine.Conn{"Begin": inTx, "BEGIN": inRaw} {
		_, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (2)")
		checkTxLost(t, what, err)
		checkTxLost(t, what, c.Commit(t.Context()))
		checkRow(t, c, "SELECT count(*) FROM t", int64(1))
	}
}

const forever = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

func TestContextEnds(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	must(t, c, "CREATE TABLE t (x)")
	for _, tt := range []struct {
		sql     string
		unknown bool
	}{{forever, false}, {"INSERT INTO t " + forever, true}} {
		short := func() context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			t.Cleanup(cancel)
			return ctx
		}
		_, err := exec(short(), t, c, tt.sql)
		check(t, tt.sql, err, error(context.DeadlineExceeded), cmpErrors)
		var e *engine.Error
		check(t, tt.sql+": outcome unknown", errors.As(err, &e) && e.OutcomeUnknown, tt.unknown)
		checkRow(t, c, "SELECT count(*) FROM t", int64(0))

		begin(t, c, engine.Write)
		must(t, c, "INSERT INTO t VALUES (1)")
		_, err = exec(short(), t, c, tt.sql)
		if err != error(context.DeadlineExceeded) {
			t.Errorf("%s, in a transaction: error %v", tt.sql, err)
		}
		check(t, "InTx", c.InTx(), false)
		_, err = exec(t.Context(), t, c, "INSERT INTO t VALUES (1)")
		checkTxLost(t, "afterwards", err)
		checkTxLost(t, "Commit", c.Commit(t.Context()))
		checkRow(t, c, "SELECT count(*) FROM t", int64(0))
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := exec(canceled, t, c, "INSERT INTO t VALUES (1)")
	if err != error(context.Canceled) {
		t.Errorf("canceled before: %v", err)
	}
	if err := c.Begin(canceled, engine.Write); err != error(context.Canceled) {
		t.Errorf("Begin: %v", err)
	}
	checkRow(t, c, "SELECT count(*) FROM t", int64(0))
}
