package faults

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

const (
	// openAtOnce is the number of transactions that must be possible at the same time after
	// all failed calls. sqld's limit is 127.
	openAtOnce = 100
	// keptStreams is the number of lost streams that are left to the server.
	keptStreams = 20
)

// Leaks makes the given number of calls fail in every way, and checks that none leaves a
// goroutine or file descriptor of this process, or a stream of the server: 100 concurrent
// transactions must still be possible. Nothing else may run in the process at the same time.
func Leaks(tb testing.TB, target Target, engine Engine, calls int) *Results {
	tb.Helper()
	ctx := context.Background()
	results := &Results{}
	OpenLedger(tb, target.URL)
	proxy := StartProxy(tb, target.URL)
	goroutines, descriptors := settled(runtime.NumGoroutine, 0), countDescriptors()
	faults, err := failAll(ctx, proxy, engine, calls)
	if err != nil {
		tb.Fatalf("faults: leaks: %v", err)
	}
	proxy.Settle()
	results.checked(Tidy, engine.Name, faults, calls)
	if n := settled(runtime.NumGoroutine, goroutines); n > goroutines {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		results.violate(Tidy, engine.Name, fmt.Sprintf("%d goroutines before, %d after %d calls that failed:\n%s", goroutines, n, calls, stacks))
	}
	if n := settled(countDescriptors, descriptors); n > descriptors {
		results.violate(Tidy, engine.Name, fmt.Sprintf("%d file descriptors before, %d after %d calls that failed", descriptors, n, calls))
	}
	if err := openMany(ctx, engine, target.URL); err != nil {
		results.violate(Tidy, engine.Name, fmt.Sprintf("after %d calls that failed: %v", calls, err))
	}
	return results
}

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

// countDescriptors returns the number of file descriptors of the process on Linux, elsewhere
// 0.
func countDescriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// failAll makes calls that fail, and closes everything that it opened.
func failAll(ctx context.Context, proxy *Proxy, engine Engine, calls int) (faults int, err error) {
	up := &client{engine: engine, ctx: ctx, violated: func(string) {}, release: proxy.Release}
	if err := up.open(ctx, proxy.URL()); err != nil {
		return 0, err
	}
	defer up.pool.Close()
	down, err := unreachable()
	if err != nil {
		return 0, err
	}
	defer down.Close()
	for i := range calls {
		way := failures[i%len(failures)]
		before := proxy.Requests()
		if err := way.fail(ctx, up, proxy, down); err == nil {
			return faults, fmt.Errorf("%s: the call didn't fail", way.name)
		}
		if proxy.Requests() > before && way.faulty {
			faults++
		}
		// The server keeps lost streams for 10 s, and has a limit. A few are left to it, but
		// none with a lock.
		if way.locks || i > keptStreams*len(failures)/lostEach {
			proxy.Release()
		}
	}
	proxy.Disarm()
	return faults, nil
}

// unreachable returns a pool for a server that doesn't exist.
func unreachable() (*sql.DB, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	listener.Close()
	connector, err := db.NewConnector("http://" + address)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// A failure is a way for a call to fail.
type failure struct {
	name   string
	faulty bool // needs the proxy
	locks  bool // a transaction may remain open
	fail   func(ctx context.Context, c *client, p *Proxy, down *sql.DB) error
}

// lostEach is the number of failures that lose a stream.
const lostEach = 5

var failures = []failure{
	{"cut before the request", true, false, struck(CutBefore, false)},
	{"cut before the reply", true, false, struck(CutAfter, false)},
	{"cut in the reply", true, true, struck(CutReply, true)},
	{"reset", true, false, struck(Reset, false)},
	{"given up", true, false, func(ctx context.Context, c *client, p *Proxy, _ *sql.DB) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer onceDone(p.Arm(Swallow, 1, ""), cancel)()
		_, err := c.pool.ExecContext(ctx, insertRow, -2, 0)
		return err
	}},
	{"canceled before", false, false, func(ctx context.Context, c *client, _ *Proxy, _ *sql.DB) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, err := c.pool.ExecContext(ctx, insertRow, -2, 0)
		return err
	}},
	{"no such table", false, false, func(_ context.Context, c *client, _ *Proxy, _ *sql.DB) error {
		return c.drain(c.pool, "SELECT * FROM fault_nowhere")
	}},
	{"a constraint", false, false, func(_ context.Context, c *client, _ *Proxy, _ *sql.DB) error {
		return c.exec(c.pool, insertRow, nil, nil)
	}},
	{"a script", false, false, func(_ context.Context, c *client, _ *Proxy, _ *sql.DB) error {
		return c.exec(c.pool, "INSERT INTO fault_rows VALUES (-2, 0); INSERT INTO fault_nowhere VALUES (1)")
	}},
	{"unreachable", false, false, func(ctx context.Context, _ *client, _ *Proxy, down *sql.DB) error {
		_, err := down.ExecContext(ctx, insertRow, -2, 0)
		return err
	}},
}

// struck returns a call that gets a fault, in a transaction or outside.
func struck(fault Fault, inTx bool) func(context.Context, *client, *Proxy, *sql.DB) error {
	return func(ctx context.Context, c *client, p *Proxy, _ *sql.DB) error {
		if !inTx {
			p.Arm(fault, 1, "")
			return c.exec(c.pool, insertRow, -2, 0)
		}
		p.Arm(fault, 2, "")
		return inTransaction(ctx, c, c.inserts(-2, 0), c.inserts(-2, 1))
	}
}

// openMany opens many transactions at the same time.
func openMany(ctx context.Context, engine Engine, url string) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	pool, err := engine.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(openAtOnce)
	for i := range openAtOnce {
		tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: !engine.Foreign})
		if err != nil {
			return fmt.Errorf("the transaction %d of %d: %w", i+1, openAtOnce, err)
		}
		defer tx.Rollback()
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM fault_accounts").Scan(new(int)); err != nil {
			return fmt.Errorf("the transaction %d of %d: %w", i+1, openAtOnce, err)
		}
	}
	return nil
}
