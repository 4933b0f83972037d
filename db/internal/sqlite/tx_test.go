package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	"github.com/duolite/duolite/db/internal/sqlite/memvfs"
	"github.com/duolite/duolite/internal/sqltext"
)

func TestReadTx(t *testing.T) {
	t.Parallel()
	cfg := fileConfig(t, 0)
	testReadTx(t, cfg)
	testReadTx(t, Config{Memory: true})

	cfg.Mode = ReadOnly
	reader := connect(t, New(cfg))
	must(t, reader.Begin(t.Context(), engine.Read))
	check(t, "rows", get(t, reader, "SELECT count(*) FROM t"), any(int64(2)))
	must(t, reader.Rollback(t.Context()))
}

func testReadTx(t *testing.T, cfg Config) {
	d := New(cfg)
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (x)")
	writer := reconnect(t, d)
	must(t, writer.Begin(t.Context(), engine.Write)) // whom a reader doesn't wait for
	exec(t, writer, sqltext.Insert, "INSERT INTO t VALUES (1)")

	must(t, c.Begin(t.Context(), engine.Read))
	check(t, "in a transaction", c.InTx(), true)
	check(t, "rows", get(t, c, "SELECT count(*) FROM t"), any(int64(0)))
	must(t, writer.Commit(t.Context()))
	check(t, "rows in the snapshot", get(t, c, "SELECT count(*) FROM t"), any(int64(0)))
	for _, text := range []string{
		"INSERT INTO t VALUES (8)", "UPDATE t SET x = 8", "DELETE FROM t", "CREATE TABLE u (x)", "CREATE TEMP TABLE u (x)",
		"DROP TABLE t", "PRAGMA user_version = 1", "VACUUM", "BEGIN IMMEDIATE", "INSERT INTO t VALUES (8) RETURNING x",
	} {
		_, err := tryExec(t.Context(), c, sqltext.Other, text)
		checkKind(t, text, err, engine.ErrReadOnly, 8)
		check(t, text, err.Error(), "attempt to write a readonly database")
		_, err = prepare(t, c, sqltext.Other, text).Query(t.Context(), nil)
		checkKind(t, text, err, engine.ErrReadOnly, 8)
	}
	query(t, c, "EXPLAIN INSERT INTO t VALUES (8)")
	exec(t, c, sqltext.Pragma, "PRAGMA query_only = OFF")
	_, err := tryExec(t.Context(), c, sqltext.Insert, "INSERT INTO t VALUES (8)")
	checkKind(t, "after query_only = OFF", err, engine.ErrReadOnly, 8)
	must(t, c.Commit(t.Context()))
	exec(t, c, sqltext.Insert, "INSERT INTO t VALUES (8)")
}

func TestReadOnlyMode(t *testing.T) {
	t.Parallel()
	cfg := fileConfig(t, time.Minute)
	c := connect(t, New(cfg))
	mustExec(t, c, "CREATE TABLE t (x)")
	must(t, c.Begin(t.Context(), engine.Write)) // whom nobody waits for who can't write
	cfg.Mode = ReadOnly
	reader := connect(t, New(cfg))
	for _, text := range []string{"INSERT INTO t VALUES (8)", "CREATE TEMP TABLE u (x)", "VACUUM", "PRAGMA user_version = 1"} {
		_, err := tryExec(t.Context(), reader, sqltext.Other, text)
		checkKind(t, text, err, engine.ErrReadOnly, 8)
	}
	checkKind(t, "Begin", reader.Begin(t.Context(), engine.Write), engine.ErrReadOnly, 8)
	check(t, "in a transaction", reader.InTx(), false)
	exec(t, reader, sqltext.Pragma, "PRAGMA query_only = OFF")
	_, err := tryExec(t.Context(), reader, sqltext.Insert, "INSERT INTO t VALUES (8)")
	checkKind(t, "after query_only = OFF", err, engine.ErrReadOnly, 8)
}

// TestTxLost is about transactions that SQLite rolls back, or a statement ends.
func TestTxLost(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	mustExec(t, c, "CREATE TABLE t (x UNIQUE)")
	prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (7)")
	for what, end := range map[string]struct {
		kind sqltext.Kind
		text string
		want error
	}{
		"ROLLBACK by a constraint": {sqltext.Insert, "INSERT OR ROLLBACK INTO t VALUES (1), (1)", engine.ErrUnique},
		"ROLLBACK by hand":         {sqltext.Rollback, "ROLLBACK", nil},
		"COMMIT by hand":           {sqltext.Commit, "COMMIT", nil},
	} {
		must(t, c.Begin(t.Context(), engine.Write))
		_, err := tryExec(t.Context(), c, end.kind, end.text)
		if end.want == nil {
			must(t, err)
		} else {
			checkKind(t, what, err, end.want, engine.CodeUnique)
		}
		checkTxLost(t, c)
	}
}

// TestFullTx is about a file that can't grow.
func TestFullTx(t *testing.T) {
	t.Parallel()
	c := connect(t, New(fileConfig(t, 0)))
	mustExec(t, c, "CREATE TABLE t (x)")
	exec(t, c, sqltext.Pragma, "PRAGMA max_page_count = 10")
	must(t, c.Begin(t.Context(), engine.Write))
	_, err := tryExec(t.Context(), c, sqltext.Insert, "INSERT INTO t VALUES (zeroblob(100000))")
	checkKind(t, "INSERT", err, engine.ErrFull, 13)
	checkTxLost(t, c)
}

func TestCommitFails(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	mustExec(t, c, "CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
	for range 2 {
		must(t, c.Begin(t.Context(), engine.Write))
		exec(t, c, sqltext.Insert, "INSERT INTO t VALUES (1)")
		checkKind(t, "Commit", c.Commit(t.Context()), engine.ErrForeignKey, 787)
		check(t, "in a transaction", c.InTx(), true)
		must(t, c.Rollback(t.Context()))
	}
	// The same of a statement alone, whose rows aren't read to their end.
	r, err := prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (1), (2) RETURNING x").Query(t.Context(), nil)
	must(t, err)
	checkKind(t, "Close", r.Close(), engine.ErrForeignKey, 787)
	must(t, r.Close())
	check(t, "rows", get(t, c, "SELECT count(*) FROM t"), any(int64(0)))
}

func TestExecAll(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	result, err := c.ExecAll(t.Context(), []sqltext.Statement{
		{Text: "CREATE TABLE t (x)"},
		{Text: "INSERT INTO t VALUES (1), (2)", Kind: sqltext.Insert},
		{Text: "UPDATE t SET x = 3", Kind: sqltext.Change},
		{Text: "SELECT * FROM t", Kind: sqltext.Read},
		{Text: "-- nothing"},
	})
	must(t, err)
	check(t, "result", result, engine.Result{RowsAffected: 4, LastInsertID: 2})

	_, err = c.ExecAll(t.Context(), []sqltext.Statement{{Text: "DELETE FROM t"}, {Text: "SELEC"}, {Text: "DROP TABLE t"}})
	checkKind(t, "an error", err, nil, 1)
	check(t, "text", err.Error(), `near "SELEC": syntax error`)
	check(t, "rows", get(t, c, "SELECT count(*) FROM t"), any(int64(0)))
	check(t, "statements", len(c.stmts), 0)
}

func TestMemory(t *testing.T) {
	t.Parallel()
	named := Config{Memory: true, Path: "TestMemory é"}
	first, second := New(named), New(named)
	connect(t, New(Config{Memory: true})) // has nothing to do with them
	one, err := first.Connect(t.Context())
	must(t, err)
	mustExec(t, one.(*conn), "CREATE TABLE t (x)")
	must(t, one.Close())
	two, err := second.Connect(t.Context()) // while first has no connection
	must(t, err)
	check(t, "one queue", two.(*conn).queue == one.(*conn).queue, true)
	get(t, two.(*conn), "SELECT count(*) FROM t")
	must(t, two.Close())
	must(t, first.Close())
	must(t, first.Close())
	two, err = second.Connect(t.Context())
	must(t, err)
	get(t, two.(*conn), "SELECT count(*) FROM t")
	must(t, two.Close())
	must(t, second.Close())
	check(t, "tables after both", get(t, connect(t, New(named)), "SELECT count(*) FROM sqlite_schema"), any(int64(0)))
}

// TestNothingIsLeft wants no trace of databases that are closed, of which there is
// also a connection that has everything open that can be.
func TestNothingIsLeft(t *testing.T) {
	before := countConns()
	for _, cfg := range []Config{fileConfig(t, 0), {Memory: true, Path: "TestNothingIsLeft"}} {
		d := New(cfg)
		c, err := d.Connect(context.Background())
		must(t, err)
		mustExec(t, c.(*conn), "CREATE TABLE t (x)")
		must(t, c.Begin(context.Background(), engine.Write))
		s := prepare(t, c.(*conn), sqltext.Insert, "INSERT INTO t VALUES (1), (2) RETURNING x")
		r, err := s.Query(context.Background(), nil)
		must(t, err)
		must(t, c.Close())
		must(t, c.Close())
		check(t, "valid", c.Valid(), false)
		must(t, r.Close())
		must(t, s.Close())
		must(t, d.Close())
	}
	check(t, "connections", countConns(), before)
	check(t, "queues", len(queues.byKey), 0)
	check(t, "databases and files in memory", memvfs.Count(), memvfs.Stats{})
	check(t, "logs", filevfs.OpenLogs(), 0)
}

func countConns() (n int) {
	conns.Range(func(any, any) bool { n++; return true })
	return n
}

// TestReadTxKeepsNothing is about statements of which SQLite says that they only read, until
// they run.
func TestReadTxKeepsNothing(t *testing.T) {
	t.Parallel()
	c := connect(t, New(fileConfig(t, 0)))
	mustExec(t, c, "CREATE TABLE t (x)", "CREATE INDEX i ON t (x)", "INSERT INTO t VALUES (1), (2), (3)")
	drop := prepare(t, c, sqltext.Other, "DROP TRIGGER IF EXISTS r")
	defer drop.Close()
	mustExec(t, c, "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END")
	const objects = "SELECT count(*) FROM sqlite_schema"
	before := get(t, c, objects)
	must(t, c.Begin(t.Context(), engine.Read))
	_, err := drop.Exec(t.Context(), nil)
	checkKind(t, "DROP", err, engine.ErrReadOnly, 8)
	optimize := prepare(t, c, sqltext.Pragma, "PRAGMA optimize(0x10002)")
	defer optimize.Close()
	_, err = optimize.Exec(t.Context(), nil)
	checkKind(t, "optimize", err, engine.ErrReadOnly, 8)
	must(t, c.Commit(t.Context()))
	check(t, "objects", get(t, c, objects), before)
}
