package replica_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func (p *primary) replica(path string) string { return p.url + "?replica=" + url.QueryEscape(path) }

// catchUp waits until the replica has what its primary has.
func catchUp(t *testing.T, pool *sql.DB, p *primary) {
	t.Helper()
	await(t, pool)
	if got, want := dump(t, pool), dump(t, p.file); got != want {
		t.Errorf("the replica has %s, and its primary %s", got, want)
	}
}

// await waits for the server, which may break off its answers meanwhile.
func await(t *testing.T, pool *sql.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		_, err := db.Sync(ctx, pool)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

const fill = "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) SELECT 'a row of some length, number ' || i FROM n"

// waitUntil waits for what other goroutines do.
func waitUntil(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it doesn't happen")
		}
	}
}

// TestRestoredWithinSnapshot: a snapshot breaks off, and the server comes back with older data, whose log
// goes on at the replica's position. No page of the snapshot remains.
func TestRestoredWithinSnapshot(t *testing.T) {
	t.Parallel()
	p := newPrimary(t, "CREATE TABLE t (a)", fill)
	pool := open(t, p.replica(filepath.Join(t.TempDir(), "replica.db")))
	catchUp(t, pool, p)
	older := p.backup()

	p.write("UPDATE t SET a = 'of the history that was lost'")
	p.change(func() { p.oldest, p.cut = len(p.frames), 3 })
	p.restart("second") // the session in which the replica has verified its history is needed, though
	p.change(func() { p.session = "session" })
	waitUntil(t, func() bool { return p.asked("Snapshot") > 0 })
	asked := p.asked("Snapshot")
	waitUntil(t, func() bool { return p.asked("Snapshot") > asked })

	p.restore(older)
	p.write("INSERT INTO t VALUES ('of the history that follows')")
	p.restart("third")
	catchUp(t, pool, p)
}

// TestBrokenChain: a log whose frames don't continue each other is an error, and not an endless copy.
func TestBrokenChain(t *testing.T) {
	t.Parallel()
	p := newPrimary(t, "CREATE TABLE t (a)", fill)
	p.change(func() { p.frames[3].sum++ })
	_, err := db.Open(t.Context(), p.replica(filepath.Join(t.TempDir(), "replica.db")))
	if !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("Open: %v, want %v", err, db.ErrUnavailable)
	}
	if n := p.asked("LogEntries"); n > 10 {
		t.Errorf("%d requests for the log", n)
	}
}

// TestOfflineAfterAnotherLog: the server crashes, the replica adopts its new log, and the server is gone. A
// program that has written nothing reads on.
func TestOfflineAfterAnotherLog(t *testing.T) {
	t.Parallel()
	p := newPrimary(t, "CREATE TABLE t (a)", fill)
	pool := open(t, p.replica(filepath.Join(t.TempDir(), "replica.db")))
	catchUp(t, pool, p)
	p.change(func() { p.logID = "another" })
	p.restart("second")
	await(t, pool)
	p.change(func() { p.down = true })
	p.restart("third")
	dump(t, pool)
}

// TestGivenUpBesideAnother: one pool gives up before there is a copy. Another one, which waits for the same
// copy, gets it.
func TestGivenUpBesideAnother(t *testing.T) {
	t.Parallel()
	p := newPrimary(t, "CREATE TABLE t (a)", fill)
	hold := make(chan struct{})
	p.change(func() { p.hold = hold })
	path := filepath.Join(t.TempDir(), "replica.db")
	var pools [2]*sql.DB
	for i := range pools {
		connector, err := db.NewConnector(p.replica(path))
		if err != nil {
			t.Fatal(err)
		}
		pools[i] = sql.OpenDB(connector)
		defer pools[i].Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 2)
	go func() { results <- pools[0].PingContext(ctx) }()
	go func() { results <- pools[1].PingContext(t.Context()) }()
	waitUntil(t, func() bool { return p.asked("LogEntries") > 0 })
	cancel()
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("the pool that gives up: %v, want %v", err, context.Canceled)
	}
	close(hold)
	if err := <-results; err != nil {
		t.Errorf("the other pool: %v", err)
	}
}

// TestSilentConnection: the connection with the log is dead without a word. A read that waits for its write
// has another one opened.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	p := newPrimary(t, "CREATE TABLE t (a)", fill)
	pool := open(t, p.replica(filepath.Join(t.TempDir(), "replica.db")))
	catchUp(t, pool, p)
	asked := p.asked("LogEntries")
	p.write("INSERT INTO t VALUES ('new')")                         // the fake server sends no frames on a connection that waits
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // less than the time after which a follower asks by itself
	defer cancel()
	if _, err := db.Sync(ctx, pool); err != nil {
		t.Errorf("Sync: %v", err)
	}
	if p.asked("LogEntries") == asked {
		t.Error("no other connection was opened: the test tests something else")
	}
}

// TestCatchUpIsOneTransaction: the transactions that the server had before the session become one of the
// copy, although they arrive one by one.
func TestCatchUpIsOneTransaction(t *testing.T) {
	t.Parallel()
	p := newPrimary(t, "CREATE TABLE t (a)", fill)
	path := filepath.Join(t.TempDir(), "replica.db")
	pool := open(t, p.replica(path))
	catchUp(t, pool, p)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		p.write("INSERT INTO t VALUES ('one more')")
	}
	p.change(func() { p.slow = true })
	reader := open(t, "file:"+path+"?mode=ro")
	states := make(chan map[int]bool)
	go func() {
		seen := map[int]bool{}
		for n := 0; n != 530 && t.Context().Err() == nil; seen[n] = true {
			if err := reader.QueryRow("SELECT count(*) FROM t").Scan(&n); err != nil {
				t.Error(err)
				break
			}
		}
		states <- seen
	}()
	catchUp(t, open(t, p.replica(path)), p)
	seen := <-states
	delete(seen, 500)
	if diff := cmp.Diff(map[int]bool{530: true}, seen); diff != "" {
		t.Errorf("numbers of rows after 500 (-want +got):\n%s", diff)
	}
}
