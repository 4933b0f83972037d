package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"weak"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	_ "modernc.org/sqlite"
)

// What batches do on each engine is in the suite of internal/conformance.

// newBatch makes a batch whose calls run texts.
func newBatch(on db.Execer, opts ...db.BatchOption) *db.Batch[benchDBTX] {
	return db.NewBatch(on, func(d benchDBTX) benchDBTX { return d }, opts...)
}

func queueText(b *db.Batch[benchDBTX], text string, args ...any) *db.Future[struct{}] {
	return db.QueueExec(b, func(d benchDBTX) error {
		_, err := d.ExecContext(background, text, args...)
		return err
	})
}

func queueRows(b *db.Batch[benchDBTX], text string, args ...any) *db.Future[struct{}] {
	return db.QueueExec(b, func(d benchDBTX) error { return readAll(d.QueryContext(background, text, args...)) })
}

// An agreeable Execer takes anything and does nothing.
type agreeable struct{}

func (agreeable) ExecContext(context.Context, string, ...any) (sql.Result, error) { return nil, nil }

func TestBatchOfAnotherDriver(t *testing.T) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for name, on := range map[string]db.Execer{"modernc": pool, "agreeable": agreeable{}} {
		b := newBatch(on)
		f := queueText(b, "SELECT 1")
		if err := b.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "db.Open") {
			t.Errorf("%s: Run: error %v, want one that names db.Open", name, err)
		}
		if !errors.Is(f.Err(), db.ErrNotApplied) {
			t.Errorf("%s: Get: error %v", name, f.Err())
		}
	}
}

// A wrapper is what a tracing library puts around a driver: its own types in between.
type wrapper struct{ driver.Connector }

func (w wrapper) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := w.Connector.Connect(ctx)
	return wrapped{c}, err
}

type wrapped struct{ driver.Conn }

func (w wrapped) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	result, err := w.Conn.(driver.ExecerContext).ExecContext(ctx, text, args)
	if err != nil {
		err = fmt.Errorf("traced: %w", err)
	}
	return result, err
}

func (w wrapped) CheckNamedValue(arg *driver.NamedValue) error {
	return w.Conn.(driver.NamedValueChecker).CheckNamedValue(arg)
}

func TestBatchThroughAWrapper(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		connector, err := db.NewConnector(d.URL, tokenOf(d)...)
		if err != nil {
			t.Fatal(err)
		}
		pool := sql.OpenDB(wrapper{connector})
		defer pool.Close()
		execute(t, pool, "CREATE TABLE t (x UNIQUE)")
		b := newBatch(pool)
		f := queueText(b, "INSERT INTO t VALUES (?)", 1)
		if err := errors.Join(b.Run(t.Context()), f.Err()); err != nil {
			t.Error(err)
		}
		b = newBatch(pool)
		f = queueText(b, "INSERT INTO t VALUES (?)", 1)
		if err := b.Run(t.Context()); !errors.Is(err, db.ErrUnique) || !errors.Is(f.Err(), db.ErrUnique) {
			t.Errorf("errors %v, %v, want %v", err, f.Err(), db.ErrUnique)
		}
	})
}

func TestBatchArguments(t *testing.T) {
	pool := open(t, ":memory:")
	for want, b := range map[string]*db.Batch[benchDBTX]{
		"WithRequestLimits: 0 bytes": newBatch(pool, db.WithRequestLimits(0, 1)),
		"and 0 statements":           newBatch(pool, db.WithRequestLimits(1, 0)),
		"at most 32768 statements":   newBatch(pool, db.WithRequestLimits(1, 1<<15+1)),
		"batch option 2 is nil":      newBatch(pool, db.WithReadOnly(), nil),
		"choose one":                 newBatch(pool, db.WithIndependentCalls(), db.WithReadOnly()),
		"the database is nil":        newBatch(nil),
		"the function is nil":        db.NewBatch[benchDBTX, benchDBTX](pool, nil),
	} {
		f := queueText(b, "SELECT 1")
		err := b.Run(t.Context())
		if !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if f.Err() != err {
			t.Errorf("Get: error %v, want %v", f.Err(), err)
		}
	}
	b := db.NewBatch(pool, func(d interface{ BeginTx() }) int { return 0 })
	if err := b.Run(t.Context()); !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), "has other methods") {
		t.Errorf("error %v", err)
	}
}

// TestBatchByMany fills a batch from several goroutines. What its calls share needs no
// lock: they run one at a time.
func TestBatchByMany(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x)")
		b := newBatch(pool)
		recorded, done := 0, 0
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 25 {
					db.QueueExec(b, func(d benchDBTX) error {
						recorded++
						_, err := d.ExecContext(t.Context(), "INSERT INTO t VALUES (?)", i)
						done++
						return err
					})
				}
			})
		}
		all.Wait()
		if err := b.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(t, "calls", []int{recorded, done, b.Len(), get[int](t, pool, "SELECT count(*) FROM t")}, []int{200, 200, 200, 200})
	})
}

func TestBatchOfGoexit(t *testing.T) {
	pool := open(t, ":memory:")
	b := newBatch(pool)
	before := queueText(b, "SELECT 1")
	f := db.QueueExec(b, func(benchDBTX) error { runtime.Goexit(); return nil })
	if err := b.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "call 2 of 2: the call ended its goroutine") {
		t.Errorf("Run: error %v", err)
	}
	if f.Err() == nil || !errors.Is(before.Err(), db.ErrNotApplied) {
		t.Errorf("Get: errors %v, %v", f.Err(), before.Err())
	}
}

// TestBatchCallThatDoesNotWait has a call whose method runs on, on a goroutine: what becomes
// of its statement it doesn't know.
func TestBatchCallThatDoesNotWait(t *testing.T) {
	b := newBatch(open(t, ":memory:"))
	recorded := make(chan struct{})
	hasty := db.QueueExec(b, func(d benchDBTX) error {
		go d.ExecContext(background, "SELECT 1")
		<-recorded
		return nil
	})
	db.QueueExec(b, func(benchDBTX) error {
		running := hasty.Err()
		close(recorded) // or else this call wouldn't have begun
		for hasty.Err() == running {
			runtime.Gosched()
		}
		return errors.New("its own")
	})
	if err := b.Run(t.Context()); err == nil || hasty.Err() == nil {
		t.Errorf("Run: error %v; Get: error %v", err, hasty.Err())
	}
}

// TestBatchLeftBehind has calls that go on after Run: their errors are those of their
// statements, if they have any.
func TestBatchLeftBehind(t *testing.T) {
	pool := open(t, ":memory:")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	free := make(chan struct{})
	ended := make(chan error, 2)
	b := newBatch(pool, db.WithIndependentCalls())
	var blocked []*db.Future[struct{}]
	for _, text := range []string{"SELECT none", "SELECT 1"} {
		blocked = append(blocked, db.QueueExec(b, func(d benchDBTX) error {
			_, err := d.ExecContext(background, text)
			cancel()
			<-free
			ended <- err
			return err
		}))
	}
	after := db.Queue(b, func(d benchDBTX) (n int, err error) {
		return n, d.QueryRowContext(background, "SELECT 1").Scan(&n)
	})
	err := b.Run(ctx)
	check(t, "the error of Run", fmt.Sprint(err), "call 1 of 3: no such column: none")
	check(t, "that of the call", fmt.Sprint(blocked[0].Err()), "no such column: none")
	check(t, "of the other", blocked[1].Err() == context.Canceled, true)
	check(t, "of the one after them", after.Err(), nil)
	check(t, "calls", b.Len(), 3)
	close(free)
	first, second := <-ended, <-ended
	check(t, "one of the methods has an error", (first == nil) != (second == nil), true)
}

// TestBatchPanics has a panic end Run, as a nil *sql.Tx does. Its calls don't wait for ever.
func TestBatchPanics(t *testing.T) {
	var none *sql.Tx
	ended := make(chan error, 1)
	b := newBatch(none)
	db.QueueExec(b, func(d benchDBTX) error {
		_, err := d.ExecContext(background, "SELECT 1")
		ended <- err
		return err
	})
	defer func() {
		if recover() == nil || <-ended == nil {
			t.Error("no panic, or no error of the call")
		}
	}()
	_ = b.Run(t.Context())
}

// TestBatchOfNilContext has Run panic as the methods of database/sql do, not wait for ever.
func TestBatchOfNilContext(t *testing.T) {
	b := newBatch(open(t, ":memory:"))
	f := queueText(b, "SELECT 1")
	defer func() {
		if recover() == nil || f.Err() == nil {
			t.Error("no panic, or no error of the call")
		}
	}()
	var none context.Context
	_ = b.Run(none)
}

// TestBatchOfBadConn has a batch fail with the error at which database/sql gives a connection
// up. That of the answers is another.
func TestBatchOfBadConn(t *testing.T) {
	b := newBatch(failing{driver.ErrBadConn})
	var calls []*db.Future[int]
	for range 3 {
		calls = append(calls, db.Queue(b, func(d benchDBTX) (n int, err error) {
			return n, d.QueryRowContext(background, "SELECT 1").Scan(&n)
		}))
	}
	if err := b.Run(t.Context()); !errors.Is(err, driver.ErrBadConn) {
		t.Errorf("Run: error %v", err)
	}
	for i, f := range calls {
		if err := f.Err(); !errors.Is(err, db.ErrNotApplied) || !errors.Is(err, driver.ErrBadConn) {
			t.Errorf("call %d: error %v", i, err)
		}
	}
}

// A failing Execer has only an error.
type failing struct{ err error }

func (f failing) ExecContext(context.Context, string, ...any) (sql.Result, error) { return nil, f.err }

// TestBatchSecondStatement has a call return for its second statement before its first has
// an answer. It can't say that this one is applied, and it isn't.
func TestBatchSecondStatement(t *testing.T) {
	b := newBatch(open(t, ":memory:"))
	recorded := make(chan struct{})
	hasty := db.QueueExec(b, func(d benchDBTX) error {
		go d.ExecContext(background, "SELECT 1")
		<-recorded
		_, err := d.ExecContext(background, "SELECT 2")
		return err
	})
	db.QueueExec(b, func(benchDBTX) error {
		running := hasty.Err()
		close(recorded) // or else this call wouldn't have begun
		for hasty.Err() == running {
			runtime.Gosched()
		}
		return errors.New("its own")
	})
	if err := b.Run(t.Context()); err == nil {
		t.Error("Run: no error")
	}
	if err := hasty.Err(); err == nil || !strings.Contains(err.Error(), "second statement") || strings.Contains(err.Error(), "applied") {
		t.Errorf("Get: error %v", err)
	}
}

// TestBatchKeepsNoOther has a program keep a call of batches that aren't sent: what the other
// calls hold is free.
func TestBatchKeepsNoOther(t *testing.T) {
	var none *sql.Tx
	for name, b := range map[string]*db.Batch[benchDBTX]{
		"an argument is wrong": newBatch(open(t, ":memory:"), nil),
		"Run panics":           newBatch(none),
	} {
		kept := queueText(b, "SELECT 1")
		other := queueHeld(b)
		func() {
			defer func() { _ = recover() }()
			_ = b.Run(t.Context())
		}()
		for i := 0; other.Value() != nil; i++ {
			if i == 1000 {
				t.Fatalf("%s: another call is kept", name)
			}
			runtime.GC()
		}
		runtime.KeepAlive(kept)
	}
}

// queueHeld queues a call that holds what it returns a weak pointer to.
func queueHeld(b *db.Batch[benchDBTX]) weak.Pointer[[64]byte] {
	held := new([64]byte)
	queueText(b, "SELECT ?", held[:])
	return weak.Make(held)
}

// TestBatchColumnTypes wants what rows say of their columns to be the same in a batch.
func TestBatchColumnTypes(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (a INTEGER, b VARCHAR(20), c DATETIME, d BLOB, e)")
		types := func(d benchDBTX) (all []string, err error) {
			rows, err := d.QueryContext(t.Context(), "SELECT *, 1 AS f FROM t")
			if err != nil {
				return nil, err
			}
			defer rows.Close()
			columns, err := rows.ColumnTypes()
			for _, c := range columns {
				all = append(all, fmt.Sprint(c.Name(), " ", c.DatabaseTypeName(), " ", c.ScanType()))
			}
			return all, err
		}
		want, err := types(pool)
		if err != nil {
			t.Fatal(err)
		}
		b := newBatch(pool)
		f := db.Queue(b, types)
		if err := b.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := f.Get()
		check(t, "types", got, want)
		check(t, "error", err, nil)
	})
}

func TestBatchOnClosedPool(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool, err := db.Open(t.Context(), d.URL, tokenOf(d)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		b := newBatch(pool)
		f := queueText(b, "SELECT 1")
		if err := b.Run(t.Context()); err == nil || !errors.Is(f.Err(), db.ErrNotApplied) {
			t.Errorf("errors %v, %v", err, f.Err())
		}
	})
}

// TestBatchOfManyWriters has a batch wait its turn among the writers of a process.
func TestBatchOfManyWriters(t *testing.T) {
	pool := open(t, filepath.Join(t.TempDir(), "app.db"))
	execute(t, pool, "CREATE TABLE t (n)", "INSERT INTO t VALUES (0)")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				b := newBatch(pool)
				queueText(b, "UPDATE t SET n = n + 1")
				queueText(b, "UPDATE t SET n = n + 1")
				if err := b.Run(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	check(t, "n", get[int](t, pool, "SELECT n FROM t"), 160)
}

func tokenOf(d dbtest.Database) []db.Option {
	if d.Token == "" {
		return nil
	}
	return []db.Option{db.WithAuthToken(d.Token)}
}

// TestBatchOfHugeAnswer reads more than fits into any reply that the client takes, of a
// server that would send it.
func TestBatchOfHugeAnswer(t *testing.T) {
	pool := open(t, dbtest.StartServer(t, dbtest.WithArgs("--max-response-size", "1GB", "--max-total-response-size", "1GB")).URL())
	b := newBatch(pool)
	size := db.Queue(b, func(d benchDBTX) (n int, err error) {
		rows, err := d.QueryContext(t.Context(), "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70) SELECT hex(zeroblob(500000)) FROM n")
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return 0, err
			}
			n += len(text)
		}
		return n, rows.Err()
	})
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := size.Get()
	check(t, "bytes", got, 70_000_000)
	check(t, "error", err, nil)
}
