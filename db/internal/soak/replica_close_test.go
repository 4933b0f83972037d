package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestReplicaCloses closes pools in all states of their replicas. Nothing is left of them: no goroutine, no
// descriptor, no lock. It doesn't run beside other tests, whose goroutines it would count.
func TestReplicaCloses(t *testing.T) {
	server := newPrimary(t)
	open(t, server.database(), "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)").Close()
	proxy := startLogProxy(t, server.URL())
	folder := t.TempDir()
	time.Sleep(100 * time.Millisecond) // the other tests have got to where they wait
	use := func(name string, poll time.Duration, act func(t *testing.T, pool *sql.DB)) {
		t.Run(name, func(t *testing.T) {
			goroutines, descriptors := runtime.NumGoroutine(), countDescriptors()
			for i := range 3 {
				connector, err := db.NewConnector(withReplica(proxy.URL, filepath.Join(folder, fmt.Sprint(name, i))), append(options(true), db.WithReplicaPoll(poll))...)
				if err != nil {
					t.Fatal(err)
				}
				pool := sql.OpenDB(connector)
				act(t, pool)
				if err := pool.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				proxy.speak()
			}
			proxy.idle()
			if n := settled(runtime.NumGoroutine, goroutines); n > goroutines {
				stacks := make([]byte, 1<<20)
				t.Errorf("%d goroutines before, and %d after:\n%s", goroutines, n, stacks[:runtime.Stack(stacks, true)])
			}
			if n := settled(countDescriptors, descriptors); n > descriptors {
				t.Errorf("%d descriptors before, and %d after", descriptors, n)
			}
			if held := locksIn(t, folder); len(held) > 0 {
				t.Errorf("locks: %q", held)
			}
		})
	}
	one := func(t *testing.T, pool *sql.DB) {
		t.Helper()
		var n int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n == 0 {
			t.Errorf("%d rows, %v", n, err)
		}
	}
	ended := func(t *testing.T, pool *sql.DB, wait func() error) {
		t.Helper()
		result := make(chan error)
		go func() { result <- wait() }()
		time.Sleep(50 * time.Millisecond)
		pool.Close()
		if err := <-result; !errors.Is(err, sql.ErrConnDone) {
			t.Errorf("Close ended a wait with %v, want %v", err, sql.ErrConnDone)
		}
	}
	count := func(ctx context.Context, pool *sql.DB) error {
		return pool.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(new(int))
	}

	use("unused", 0, func(*testing.T, *sql.DB) {})
	use("following", 0, one)
	use("polling", time.Hour, one)
	use("written", 0, func(t *testing.T, pool *sql.DB) {
		execute(t, pool, "INSERT INTO t VALUES (2)")
		one(t, pool)
	})
	use("the first copy, closed", 0, func(t *testing.T, pool *sql.DB) {
		proxy.hush(allFrames)
		ended(t, pool, func() error { return count(t.Context(), pool) })
	})
	use("the first copy, given up", 0, func(t *testing.T, pool *sql.DB) {
		proxy.hush(allFrames)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := count(ctx, pool); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %v", err, context.DeadlineExceeded)
		}
		proxy.speak()
		one(t, pool)
	})
	use("a silent server", 0, func(t *testing.T, pool *sql.DB) {
		proxy.hush(everything)
		ended(t, pool, func() error { return count(t.Context(), pool) })
	})
	use("Sync with a silent server", 0, func(t *testing.T, pool *sql.DB) {
		one(t, pool)
		proxy.hush(everything)
		ended(t, pool, func() error {
			_, err := db.Sync(t.Context(), pool)
			return err
		})
	})
	for _, poll := range []time.Duration{0, time.Hour} {
		use(fmt.Sprintf("a read that waits, poll %v", poll), poll, func(t *testing.T, pool *sql.DB) {
			one(t, pool)
			proxy.hush(allFrames)
			execute(t, pool, "INSERT INTO t VALUES (2)")
			ended(t, pool, func() error { return count(t.Context(), pool) })
		})
		use(fmt.Sprintf("a read that gives up, poll %v", poll), poll, func(t *testing.T, pool *sql.DB) {
			one(t, pool)
			proxy.hush(allFrames)
			execute(t, pool, "INSERT INTO t VALUES (2)")
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := count(ctx, pool); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a read: %v, want %v", err, context.DeadlineExceeded)
			}
			err := db.InReadTx(ctx, pool, func(*sql.Tx) error { return nil })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a read transaction: %v, want %v", err, context.DeadlineExceeded)
			}
		})
	}
}

// hush has the proxy hold back the answers to requests whose path begins so.
func (p *logProxy) hush(path string) { p.silent.Store(&path) }

func (p *logProxy) speak() { p.silent.Store(nil) }

// settled returns the value of count once it is at most limit or no longer changes.
func settled(count func() int, limit int) int {
	n, since := count(), time.Now()
	for n > limit && time.Since(since) < 2*time.Second {
		time.Sleep(10 * time.Millisecond)
		if now := count(); now != n {
			n, since = now, time.Now()
		}
	}
	return n
}

// countDescriptors returns the number of descriptors of the process on Linux, elsewhere 0.
func countDescriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// locksIn returns the locks on files of a folder on Linux, elsewhere none.
func locksIn(t *testing.T, folder string) (held []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	locks, _ := os.ReadFile("/proc/locks")
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(locks)) {
			if strings.Contains(line, fmt.Sprintf(":%d ", inode(info))) {
				held = append(held, entry.Name()+": "+line)
			}
		}
	}
	return held
}

// TestReplicaToken has a token expire while a replica follows. The function of the program gives another
// one, and no token is shown.
func TestReplicaToken(t *testing.T) {
	t.Parallel()
	server := newPrimary(t, dbtest.WithAuth())
	valid, expired := server.Token(dbtest.ReadWrite), server.ExpiredToken()
	proxy := startLogProxy(t, server.URL())
	var shown []string
	asked := 0
	token := db.WithAuthTokenFunc(func(context.Context) (string, error) {
		asked++
		return valid, nil
	})
	pool := openReplica(t, proxy.URL, filepath.Join(t.TempDir(), "replica.db"), token, db.WithReplicaPoll(time.Hour), db.WithMaxOpenConns(1))
	execute(t, pool, "CREATE TABLE t (a)")
	show := func(err error) {
		state, statusErr := db.ReplicaStatus(t.Context(), pool)
		for _, v := range []any{err, statusErr, state, state.Err, pool, pool.Driver()} {
			shown = append(shown, fmt.Sprintf("%v %+v %#v", v, v, v))
		}
	}
	show(nil)
	proxy.token.Store(&expired)
	before := asked
	_, err := db.Sync(t.Context(), pool)
	if !errors.Is(err, db.ErrUnauthorized) {
		t.Errorf("Sync with an expired token: %v, want %v", err, db.ErrUnauthorized)
	}
	show(err)
	if asked == before {
		t.Error("nobody asked for another token")
	}
	proxy.token.Store(nil)
	execute(t, open(t, dbtest.Database{Name: "server", URL: server.URL() + "?authToken=" + valid, Server: server.Server}), "INSERT INTO t VALUES (1)")
	_, err = db.Sync(t.Context(), pool)
	show(err)
	var n int
	if scanErr := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || scanErr != nil || n != 1 {
		t.Errorf("with another token: %v; %d rows, %v", err, n, scanErr)
	}
	for _, text := range shown {
		for _, token := range []string{valid, expired} {
			if strings.Contains(text, token) {
				t.Errorf("a token is shown: %s", strings.ReplaceAll(text, token, "[TOKEN]"))
			}
		}
	}
}
