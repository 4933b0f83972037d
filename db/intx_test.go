package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// retries keeps what a retry hook is told.
type retries struct {
	mu  sync.Mutex
	all []db.Retry
}

func (r *retries) hook() db.TxOption {
	return db.WithRetryHook(func(_ context.Context, retry db.Retry) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, retry)
	})
}

func insert(ctx context.Context, values ...string) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		for _, value := range values {
			if _, err := tx.ExecContext(ctx, "INSERT INTO t VALUES (?)", value); err != nil {
				return fmt.Errorf("insert: %w", err)
			}
		}
		return nil
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x UNIQUE)")
		if err := db.InTx(t.Context(), pool, insert(t.Context(), "a", "b")); err != nil {
			t.Error(err)
		}
		check(t, "committed", get[string](t, pool, letters), "ab")

		// What goes wrong is rolled back, and not tried again.
		var seen retries
		own := errors.New("fn's own")
		calls := 0
		for want, fail := range map[error]func(*sql.Tx) error{
			own:          func(*sql.Tx) error { return own },
			db.ErrUnique: insert(t.Context(), "b"),
			context.Canceled: func(tx *sql.Tx) error {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				return insert(ctx, "d")(tx)
			},
		} {
			err := db.InTx(t.Context(), pool, func(tx *sql.Tx) error {
				calls++
				return errors.Join(insert(t.Context(), "c")(tx), fail(tx))
			}, seen.hook())
			if !errors.Is(err, want) {
				t.Errorf("got error %v, want %v", err, want)
			}
		}
		check(t, "after errors", get[string](t, pool, letters), "ab")
		check(t, "calls", calls, 3)
		check(t, "retries", len(seen.all), 0)

		// So are a panic and a test's end, which pass through.
		for name, leave := range map[string]func(){"panic": func() { panic("out") }, "Goexit": runtime.Goexit} {
			done := make(chan any)
			go func() {
				defer func() { done <- recover() }()
				db.InTx(context.Background(), pool, func(tx *sql.Tx) error {
					defer leave()
					return insert(context.Background(), "c")(tx)
				})
				t.Errorf("%s doesn't pass through", name)
			}()
			if got := <-done; (got == "out") != (name == "panic") {
				t.Errorf("%s: recovered %v", name, got)
			}
			check(t, "after "+name, get[string](t, pool, letters), "ab")
		}
		execute(t, pool, "INSERT INTO t VALUES ('c')") // nobody has the lock
	})
}

// TestInTxTriesAgain is about a lock that another has at first.
func TestInTxTriesAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	other, pool := open(t, path), open(t, path, db.WithBusyTimeout(0))
	execute(t, other, "CREATE TABLE t (x UNIQUE)")
	tx := beginAndLock(t, other)
	var seen retries
	err := db.InTx(t.Context(), pool, insert(t.Context(), "a"), seen.hook(), db.WithMaxAttempts(3))
	checkKind(t, "while it is locked", err, db.ErrBusy)
	check(t, "retries", len(seen.all), 2)
	for i, retry := range seen.all {
		if retry.Attempt != i+1 || !errors.Is(retry.Err, db.ErrBusy) || retry.Pause <= 0 {
			t.Errorf("retry %d is %+v", i, retry)
		}
	}
	checkKind(t, "one attempt", db.InTx(t.Context(), pool, insert(t.Context(), "a"), db.WithMaxAttempts(1)), db.ErrBusy)

	let := db.WithRetryHook(func(context.Context, db.Retry) { tx.Rollback() })
	if err := db.InTx(t.Context(), pool, insert(t.Context(), "a"), let); err != nil {
		t.Error(err)
	}
	check(t, "letters", get[string](t, pool, letters), "a")

	// The pause ends with the context.
	tx = beginAndLock(t, other)
	ctx, cancel := context.WithCancel(t.Context())
	stop := db.WithRetryHook(func(context.Context, db.Retry) { cancel() })
	checkKind(t, "canceled", db.InTx(ctx, pool, insert(ctx, "b"), stop), db.ErrBusy)
	tx.Rollback()
}

func TestInTxOptions(t *testing.T) {
	t.Parallel()
	pool := open(t, ":memory:")
	for what, opt := range map[string]db.TxOption{
		"0 attempts": db.WithMaxAttempts(0), "no hook": db.WithRetryHook(nil), "nil": nil,
	} {
		err := db.InTx(t.Context(), pool, func(*sql.Tx) error { t.Errorf("%s: fn is called", what); return nil }, opt)
		if !errors.Is(err, db.ErrConfig) {
			t.Errorf("%s: error %v, want %v", what, err, db.ErrConfig)
		}
	}
}

func TestInReadTx(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
		err := db.InReadTx(t.Context(), pool, func(tx *sql.Tx) error {
			check(t, "at first", get[string](t, tx, letters), "a")
			execute(t, pool, "INSERT INTO t VALUES ('b')")
			check(t, "the same snapshot", get[string](t, tx, letters), "a")
			return insert(t.Context(), "c")(tx)
		})
		checkKind(t, "write", err, db.ErrReadOnly)
		check(t, "afterwards", get[string](t, pool, letters), "ab")
	})
}

func TestInTxOnce(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x)")
		var calls atomic.Int32
		work := func(tx *sql.Tx) (int32, error) {
			n := calls.Add(1)
			return n, insert(t.Context(), "a")(tx)
		}
		if _, err := db.InTxOnce(t.Context(), pool, "key", work); err == nil || !strings.Contains(err.Error(), "duolite_once") {
			t.Errorf("without its table: error %v", err)
		}
		check(t, "calls without a table", calls.Load(), int32(0))
		execute(t, pool, db.OnceSchema)

		// One that fails is not the one.
		own := errors.New("fn's own")
		_, err := db.InTxOnce(t.Context(), pool, "key", func(tx *sql.Tx) (int32, error) {
			return 7, errors.Join(insert(t.Context(), "b")(tx), own)
		})
		if !errors.Is(err, own) {
			t.Errorf("got error %v, want %v", err, own)
		}

		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if n, err := db.InTxOnce(context.Background(), pool, "key", work); n != 1 || err != nil {
					t.Errorf("result %d, error %v, want that of the first call", n, err)
				}
			})
		}
		group.Wait()
		check(t, "letters", get[string](t, pool, letters), "a")
		if _, err := db.InTxOnce(t.Context(), pool, "other", work); err != nil {
			t.Error(err)
		}
		check(t, "letters of two keys", get[string](t, pool, letters), "aa")
		if _, err := db.InTxOnce(t.Context(), pool, "key", func(*sql.Tx) ([]string, error) { return nil, nil }); err == nil {
			t.Error("a result of another type is returned")
		}
	})
}

// startLoser starts a proxy that loses the replies to the next requests that contain a word.
func startLoser(t *testing.T, server *dbtest.Server, word string, times int32) string {
	t.Helper()
	left := new(atomic.Int32)
	left.Store(times)
	return startProxy(t, server.URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, body []byte) {
		if bytes.Contains(body, []byte(word)) && left.Add(-1) >= 0 {
			p.forward.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		p.forward.ServeHTTP(w, r)
	}).URL
}

// TestLostCommit is about a COMMIT that was done, and whose answer was lost.
func TestLostCommit(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	direct := open(t, server.URL())
	execute(t, direct, "CREATE TABLE t (x)", db.OnceSchema)

	calls := 0
	err := db.InTx(t.Context(), open(t, startLoser(t, server, "COMMIT", 1)), func(tx *sql.Tx) error {
		calls++
		return insert(t.Context(), "a")(tx)
	})
	if !errors.Is(err, db.ErrOutcomeUnknown) || !errors.Is(err, db.ErrUnavailable) || calls != 1 {
		t.Errorf("InTx: error %v after %d calls, want one of an unknown outcome after 1", err, calls)
	}
	check(t, "letters", get[string](t, direct, letters), "a")

	calls = 0
	n, err := db.InTxOnce(t.Context(), open(t, startLoser(t, server, "COMMIT", 1)), "key", func(tx *sql.Tx) (int, error) {
		calls++
		return calls, insert(t.Context(), "b")(tx)
	})
	if n != 1 || err != nil || calls != 1 {
		t.Errorf("InTxOnce: %d, error %v after %d calls, want the result of the only call", n, err, calls)
	}
	check(t, "letters", get[string](t, direct, letters), "ab")
}

// TestLostStatement is about the answer to a statement: it is in no transaction that was
// committed, so that all of it is run again.
func TestLostStatement(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	direct := open(t, server.URL())
	execute(t, direct, "CREATE TABLE t (x)")
	var seen retries
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := db.InTx(ctx, open(t, startLoser(t, server, "'b'", 1)), func(tx *sql.Tx) error {
		for _, text := range []string{"INSERT INTO t VALUES ('a')", "INSERT INTO t VALUES ('b')"} {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}, seen.hook()); err != nil {
		t.Error(err)
	}
	check(t, "retries", len(seen.all), 1)
	check(t, "letters", get[string](t, direct, letters), "ab")
}
