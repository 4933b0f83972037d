package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"go.uber.org/goleak"
)

// These tests end the context of every kind of call at every point where it may wait,
// and want of each: it returns, with the error of the context; the pool goes on; another
// can write; no goroutine is left. They aren't parallel, so that a goroutine that is
// there afterwards is theirs.

// hangs is when a call that has not returned is taken never to.
const hangs = 20 * time.Second

// A site is where a call is made.
type site struct {
	pool  *sql.DB
	other *sql.DB // on the same database, and not by what makes pool wait
	url   string  // that pool was opened with
	opts  []db.Option
	stall stall
	// holder is between the pool and a server; nil if there is none.
	holder *holder

	t       *testing.T
	waiting chan struct{} // closed when the call waits, as far as one can tell
	once    sync.Once
	release []func()
}

// arm makes what comes next wait.
func (s *site) arm() {
	s.stall.hold(s)
}

// disarm ends what makes calls wait.
func (s *site) disarm() {
	for _, release := range slices.Backward(s.release) {
		release()
	}
	s.release = nil
}

// waits says that the call waits now.
func (s *site) waits() {
	s.once.Do(func() { close(s.waiting) })
}

// waitsSoon is for waits that nobody but the engine sees.
func (s *site) waitsSoon() {
	timer := time.AfterFunc(30*time.Millisecond, s.waits)
	s.release = append(s.release, func() { timer.Stop() })
}

// A stall is what a call waits for, for ever.
type stall struct {
	name        string
	exec, query string   // statements that wait
	skip        []string // calls that don't wait there
	hold        func(s *site)
	// lost: the server may have begun a transaction, and the client doesn't know how to
	// end it. The server finds out by itself, when another wants the lock for 5 s.
	lost bool
	// restart makes an end of such transactions at once.
	restart func()
}

// locking are the calls that have a transaction on the server.
var locking = map[string]bool{
	"script": true, "BeginTx and Exec": true, "BeginTx, Exec with its own context": true,
	"middle: Exec": true, "middle: Query": true, "middle: script": true, "middle: InTx": true,
	"BEGIN on a Conn": true, "InTx": true, "InTxOnce": true, "Batch": true, "middle: Batch": true,
}

// A pointCall is a kind of call. It calls arm when nothing but the wait is left to do.
type pointCall struct {
	name string
	run  func(ctx context.Context, s *site) error
}

var background = context.Background()

var pointCalls = []pointCall{
	{"Open", func(ctx context.Context, s *site) error {
		s.arm()
		pool, err := db.Open(ctx, s.url, s.opts...)
		if err == nil {
			pool.Close()
		}
		return err
	}},
	{"Ping", func(ctx context.Context, s *site) error {
		s.arm()
		return s.pool.PingContext(ctx)
	}},
	{"Conn", func(ctx context.Context, s *site) error {
		s.arm()
		conn, err := s.pool.Conn(ctx)
		if err == nil {
			conn.Close()
		}
		return err
	}},
	{"Exec", func(ctx context.Context, s *site) error {
		s.arm()
		_, err := s.pool.ExecContext(ctx, s.stall.exec)
		return err
	}},
	{"Query", func(ctx context.Context, s *site) error {
		s.arm()
		return readAll(s.pool.QueryContext(ctx, s.stall.query))
	}},
	{"QueryRow", func(ctx context.Context, s *site) error {
		s.arm()
		return s.pool.QueryRowContext(ctx, s.stall.query).Scan(new(any))
	}},
	{"Prepare", func(ctx context.Context, s *site) error {
		s.arm()
		// One that the pool hasn't seen.
		stmt, err := s.pool.PrepareContext(ctx, s.stall.exec+fmt.Sprintf(" -- %p", s))
		if err == nil {
			stmt.Close()
		}
		return err
	}},
	{"prepared Exec", func(ctx context.Context, s *site) error {
		stmt, err := s.pool.PrepareContext(background, s.stall.exec)
		if err != nil {
			return err
		}
		defer stmt.Close()
		s.arm()
		_, err = stmt.ExecContext(ctx)
		return err
	}},
	{"prepared Query", func(ctx context.Context, s *site) error {
		stmt, err := s.pool.PrepareContext(background, s.stall.query)
		if err != nil {
			return err
		}
		defer stmt.Close()
		s.arm()
		return readAll(stmt.QueryContext(ctx))
	}},
	{"script", func(ctx context.Context, s *site) error {
		s.arm()
		_, err := s.pool.ExecContext(ctx, "INSERT INTO t VALUES ('s'); "+s.stall.exec)
		return err
	}},
	{"BeginTx and Exec", func(ctx context.Context, s *site) error {
		s.arm()
		return inTx(ctx, s, nil, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.stall.exec)
			return err
		})
	}},
	{"BeginTx, Exec with its own context", func(ctx context.Context, s *site) error {
		s.arm()
		return inTx(background, s, nil, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.stall.exec)
			return err
		})
	}},
	{"reading BeginTx and Query", func(ctx context.Context, s *site) error {
		s.arm()
		return inTx(ctx, s, readOnly, func(tx *sql.Tx) error {
			return readAll(tx.QueryContext(ctx, s.stall.query))
		})
	}},
	{"middle: Exec", func(ctx context.Context, s *site) error {
		return inMiddle(s, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.stall.exec)
			return err
		})
	}},
	{"middle: Query", func(ctx context.Context, s *site) error {
		return inMiddle(s, func(tx *sql.Tx) error { return readAll(tx.QueryContext(ctx, s.stall.query)) })
	}},
	{"middle: script", func(ctx context.Context, s *site) error {
		return inMiddle(s, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO t VALUES ('s'); "+s.stall.exec)
			return err
		})
	}},
	{"middle: InTx", func(ctx context.Context, s *site) error {
		return db.InTx(ctx, s.pool, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO t VALUES ('m')"); err != nil {
				return err
			}
			s.arm()
			_, err := tx.ExecContext(ctx, s.stall.exec)
			return err
		})
	}},
	{"on a Conn", func(ctx context.Context, s *site) error {
		conn, err := s.pool.Conn(background)
		if err != nil {
			return err
		}
		defer conn.Close()
		s.arm()
		_, err = conn.ExecContext(ctx, s.stall.exec)
		return err
	}},
	{"BEGIN on a Conn", func(ctx context.Context, s *site) error {
		conn, err := s.pool.Conn(background)
		if err != nil {
			return err
		}
		defer conn.Close()
		s.arm()
		_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		return err
	}},
	{"InTx", func(ctx context.Context, s *site) error {
		s.arm()
		return db.InTx(ctx, s.pool, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.stall.exec)
			return err
		})
	}},
	{"InReadTx", func(ctx context.Context, s *site) error {
		s.arm()
		return db.InReadTx(ctx, s.pool, func(tx *sql.Tx) error {
			return readAll(tx.QueryContext(ctx, s.stall.query))
		})
	}},
	{"InTxOnce", func(ctx context.Context, s *site) error {
		s.arm()
		_, err := db.InTxOnce(ctx, s.pool, "key", func(tx *sql.Tx) (int, error) {
			_, err := tx.ExecContext(ctx, s.stall.exec)
			return 0, err
		})
		return err
	}},
	{"Batch", func(ctx context.Context, s *site) error {
		s.arm()
		return runBatch(ctx, s, s.pool)
	}},
	{"independent Batch", func(ctx context.Context, s *site) error {
		s.arm()
		return runBatch(ctx, s, s.pool, db.WithIndependentCalls())
	}},
	{"reading Batch", func(ctx context.Context, s *site) error {
		s.arm()
		b := newBatch(s.pool, db.WithReadOnly())
		queueRows(b, "SELECT count(*) FROM t")
		queueRows(b, s.stall.query)
		return b.Run(ctx)
	}},
	{"middle: Batch", func(ctx context.Context, s *site) error {
		return inMiddle(s, func(tx *sql.Tx) error { return runBatch(ctx, s, tx) })
	}},
}

// runBatch runs a batch of two statements, and wants its calls to have the error.
func runBatch(ctx context.Context, s *site, on db.Execer, opts ...db.BatchOption) error {
	b := newBatch(on, opts...)
	first, second := queueText(b, "INSERT INTO t VALUES ('b')"), queueText(b, s.stall.exec)
	err := b.Run(ctx)
	if err != nil && (second.Err() == nil || first.Err() == nil && len(opts) == 0) {
		return fmt.Errorf("the calls returned %v, %v, and Run %v", first.Err(), second.Err(), err)
	}
	return err
}

// readAll reads rows to their end.
func readAll(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

func inTx(ctx context.Context, s *site, opts *sql.TxOptions, run func(*sql.Tx) error) error {
	tx, err := s.pool.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	// Without the fault: Rollback has no context, and a limit of its own.
	defer func() {
		s.disarm()
		tx.Rollback()
	}()
	return run(tx)
}

// inMiddle makes what isn't the first statement of a transaction wait.
func inMiddle(s *site, run func(*sql.Tx) error) error {
	return inTx(background, s, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(background, "INSERT INTO t VALUES ('m')"); err != nil {
			return err
		}
		s.arm()
		return run(tx)
	})
}

// An ending is a way in which a context ends.
type ending struct {
	name   string
	during bool // the call is under way
	make   func(s *site) (context.Context, context.CancelFunc)
}

var endings = []ending{
	{"canceled before", false, func(*site) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(background)
		cancel()
		return ctx, cancel
	}},
	{"deadline before", false, func(*site) (context.Context, context.CancelFunc) {
		return context.WithDeadline(background, time.Now().Add(-time.Second))
	}},
	{"canceled during", true, func(s *site) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(background)
		go func() {
			select {
			case <-s.waiting:
			case <-ctx.Done():
			}
			cancel()
		}()
		return ctx, cancel
	}},
	{"deadline during", true, func(*site) (context.Context, context.CancelFunc) {
		return context.WithTimeout(background, 60*time.Millisecond)
	}},
}

// bounded runs a call, which must return. If it doesn't, the test shows where it waits.
func bounded(t *testing.T, call func() error) (err error, returned bool) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	timer := time.NewTimer(hangs)
	defer timer.Stop()
	select {
	case err := <-done:
		return err, true
	case <-timer.C:
		stacks := make([]byte, 1<<20)
		t.Errorf("the call hangs:\n%s", stacks[:runtime.Stack(stacks, true)])
		return nil, false
	}
}

// testPoint makes a call, ends its context while it waits, and looks at what is left.
func testPoint(t *testing.T, s *site, call pointCall, end ending) {
	ctx, cancel := end.make(s)
	defer cancel()
	err, returned := bounded(t, func() error { return call.run(ctx, s) })
	s.disarm()
	switch {
	case !returned:
	case ctx.Err() == nil:
		t.Errorf("the call didn't wait: it returned %v", err)
	case !errors.Is(err, ctx.Err()):
		t.Errorf("error %v, want %v", err, ctx.Err())
	}
	checkText(t, "error", err)
	checkFree(t, s, call)
}

// checkFree wants the pool to be as it was, and no lock to be left.
func checkFree(t *testing.T, s *site, call pointCall) {
	t.Helper()
	for begin := time.Now(); s.pool.Stats().InUse > 0; time.Sleep(time.Millisecond) {
		if time.Since(begin) > hangs {
			t.Fatal("a connection is in use for ever")
		}
	}
	ctx, cancel := context.WithTimeout(background, hangs)
	defer cancel()
	if err := s.pool.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(new(int)); err != nil {
		t.Errorf("the pool can't read: %v", err)
	}
	if s.stall.lost && locking[call.name] {
		return
	}
	if _, err := s.other.ExecContext(ctx, "INSERT INTO t VALUES ('w')"); err != nil {
		t.Errorf("another can't write: %v", err)
	}
	if _, err := s.pool.ExecContext(ctx, "DELETE FROM t"); err != nil {
		t.Errorf("the pool can't write: %v", err)
	}
}

// checkGoroutines wants none to be left but those that were there before.
func checkGoroutines(t *testing.T, before goleak.Option) {
	t.Helper()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	var err error
	for begin := time.Now(); time.Since(begin) < hangs; {
		if err = goleak.Find(before); err == nil {
			return
		}
	}
	t.Error(err)
}

// testPoints runs all calls that may wait for what the stall is.
func testPoints(t *testing.T, st stall, newSite func(t *testing.T) *site) {
	for _, call := range pointCalls {
		if slices.Contains(st.skip, call.name) {
			continue
		}
		for _, end := range endings {
			t.Run(st.name+"/"+call.name+"/"+end.name, func(t *testing.T) {
				before := goleak.IgnoreCurrent()
				t.Run("site", func(t *testing.T) { // whose pools are closed at its end
					s := newSite(t)
					s.t, s.stall, s.waiting = t, st, make(chan struct{})
					testPoint(t, s, call, end)
				})
				checkGoroutines(t, before)
			})
			if st.lost && locking[call.name] && end.during {
				st.restart()
			}
		}
	}
}

const (
	pointSchema = "CREATE TABLE t (x)"
	insertPoint = "INSERT INTO t VALUES (1)"
	insertPick  = "INSERT INTO t VALUES (1) RETURNING x"
)

// holdLock lets another have the write lock.
func holdLock(s *site) {
	tx, err := s.other.BeginTx(background, nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.release = append(s.release, func() { tx.Rollback() })
	if _, err := tx.ExecContext(background, "INSERT INTO t VALUES ('l')"); err != nil {
		s.t.Error(err)
	}
	s.waitsSoon()
}

// holdConn takes the pool's only connection.
func holdConn(s *site) {
	s.pool.SetMaxOpenConns(1)
	conn, err := s.pool.Conn(background)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.release = append(s.release, func() {
		conn.Close()
		s.pool.SetMaxOpenConns(4)
	})
	s.waitsSoon()
}

var (
	// What has the lock, or its connection, doesn't wait for it.
	middles   = []string{"middle: Exec", "middle: Query", "middle: script", "middle: InTx", "middle: Batch"}
	readers   = []string{"reading BeginTx and Query", "InReadTx", "reading Batch"}
	noLock    = slices.Concat(middles, readers, []string{"Open", "Ping", "Conn", "Prepare"})
	noPool    = slices.Concat(middles, []string{"Open", "on a Conn", "BEGIN on a Conn", "BeginTx, Exec with its own context"})
	noWork    = []string{"Open", "Ping", "Conn", "Prepare", "BEGIN on a Conn", "InTxOnce"}
	lockStall = stall{name: "lock", exec: insertPoint, query: insertPick, skip: noLock, hold: holdLock}
	poolStall = stall{name: "pool", exec: insertPoint, query: "SELECT 1", skip: noPool, hold: holdConn}
	workStall = stall{name: "work", exec: endless, query: forever, skip: noWork, hold: (*site).waitsSoon}
	onceWork  = stall{name: "work in InTxOnce", exec: endless, skip: allBut("InTxOnce"), hold: (*site).waitsSoon}
)

// allBut returns the names of all calls but these.
func allBut(names ...string) []string {
	var others []string
	for _, call := range pointCalls {
		if !slices.Contains(names, call.name) {
			others = append(others, call.name)
		}
	}
	return others
}

func TestCancelPointsSQLite(t *testing.T) {
	for name, makeURL := range map[string]func(t *testing.T) string{
		"file": func(t *testing.T) string { return filepath.Join(t.TempDir(), "app.db") },
		"memory": func(t *testing.T) string {
			return "file:" + url.PathEscape(t.Name()) + "?mode=memory"
		},
	} {
		newSite := func(t *testing.T) *site {
			s := &site{url: makeURL(t)}
			s.other = open(t, s.url, db.WithBusyTimeout(0))
			s.pool = open(t, s.url, db.WithBusyTimeout(time.Hour), db.WithMaxOpenConns(4))
			execute(t, s.other, pointSchema, db.OnceSchema)
			return s
		}
		t.Run(name, func(t *testing.T) {
			for _, st := range []stall{lockStall, poolStall, workStall, onceWork} {
				testPoints(t, st, newSite)
			}
		})
	}
}

// TestCancelPointsForeignLock is about a lock that isn't in this pool's process, as far as
// it can see: it waits for it in SQLite, and not in its own queue.
func TestCancelPointsForeignLock(t *testing.T) {
	newSite := func(t *testing.T) *site {
		s := &site{url: filepath.Join(t.TempDir(), "app.db")}
		s.pool = open(t, s.url, db.WithBusyTimeout(time.Hour), db.WithMaxOpenConns(4))
		execute(t, s.pool, pointSchema, db.OnceSchema)
		other, err := openModernc(background, s.url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		s.other = other
		return s
	}
	st := lockStall
	st.name = "foreign lock"
	testPoints(t, st, newSite)
}

// TestCancelOpenWaiting is about Open of a file that another has for itself alone, so
// that not even its journal can be looked at.
func TestCancelOpenWaiting(t *testing.T) {
	newSite := func(t *testing.T) *site {
		s := &site{url: filepath.Join(t.TempDir(), "app.db"), opts: []db.Option{db.WithBusyTimeout(time.Hour)}}
		other, err := sql.Open("sqlite", "file:"+s.url+"?_txlock=exclusive")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		execute(t, other, pointSchema)
		s.other = other
		s.pool, err = sql.Open("sqlite", "file:"+s.url+"?_pragma=busy_timeout(5000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.pool.Close() })
		return s
	}
	testPoints(t, stall{name: "exclusive lock", skip: allBut("Open"), hold: holdLock}, newSite)
}

// TestCancelBetweenAttempts ends the context while InTx waits to try again.
func TestCancelBetweenAttempts(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, pointSchema, db.OnceSchema)
		for _, name := range []string{"InTx", "InReadTx", "InTxOnce"} {
			for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
				t.Run(name+"/"+want.Error(), func(t *testing.T) { testBetweenAttempts(t, pool, name, want) })
			}
		}
		execute(t, pool, insertPoint)
	})
}

func testBetweenAttempts(t *testing.T, pool *sql.DB, name string, want error) {
	ctx, cancel := context.WithCancel(background)
	if want == context.DeadlineExceeded {
		ctx, cancel = context.WithTimeout(background, 200*time.Millisecond)
	}
	defer cancel()
	again := db.WithRetryHook(func(context.Context, db.Retry) {
		if want == context.Canceled {
			cancel()
		}
	})
	fail := func(*sql.Tx) error { return db.ErrBusy }
	err, _ := bounded(t, func() error {
		switch name {
		case "InTx":
			return db.InTx(ctx, pool, fail, again)
		case "InReadTx":
			return db.InReadTx(ctx, pool, fail, again)
		default:
			_, err := db.InTxOnce(ctx, pool, "key", func(tx *sql.Tx) (int, error) { return 0, fail(tx) }, again)
			return err
		}
	})
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// A holder is a proxy before a server that lets calls wait.
type holder struct {
	server  *httptest.Server
	forward http.Handler
	fault   atomic.Pointer[holderFault]
}

// A holderFault is what a holder does with requests. It returns when their client has
// gone away, or when done is closed.
type holderFault struct {
	done chan struct{}
	do   func(h *holder, w http.ResponseWriter, r *http.Request, f *holderFault)
	site *site
}

// hold waits until the client has gone or the test has seen enough.
func (f *holderFault) hold(r *http.Request) {
	f.site.waits()
	select {
	case <-r.Context().Done():
	case <-f.done:
	}
}

func startHolder(t *testing.T, target string) *holder {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(u)
	transport := &http.Transport{}
	forward.Transport, forward.FlushInterval = transport, -1
	forward.ErrorLog = log.New(io.Discard, "", 0) // a client that goes away is no news
	h := &holder{forward: forward}
	h.server = httptest.NewUnstartedServer(h)
	h.server.Config.ErrorLog = forward.ErrorLog
	h.server.Start()
	t.Cleanup(func() {
		h.server.CloseClientConnections()
		h.server.Close()
		transport.CloseIdleConnections()
	})
	return h
}

func (h *holder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	// A client that closes a stream does so behind the caller's back.
	if f := h.fault.Load(); f != nil && !bytes.Contains(body, []byte(`"requests":[{"type":"close"}]`)) {
		f.do(h, w, r, f)
		return
	}
	h.forward.ServeHTTP(w, r)
}

// answer returns what the server says.
func (h *holder) answer(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	h.forward.ServeHTTP(answer, r)
	return answer
}

// faulty is a stall of all requests from now on.
func faulty(do func(h *holder, w http.ResponseWriter, r *http.Request, f *holderFault)) func(*site) {
	return func(s *site) {
		f := &holderFault{make(chan struct{}), do, s}
		s.holder.fault.Store(f)
		s.release = append(s.release, func() {
			s.holder.fault.Store(nil)
			close(f.done)
		})
	}
}

// The faults. A request that isn't forwarded has not reached the server.
var holderFaults = []struct {
	name string
	do   func(h *holder, w http.ResponseWriter, r *http.Request, f *holderFault)
}{
	{"no answer", func(_ *holder, _ http.ResponseWriter, r *http.Request, f *holderFault) {
		f.hold(r)
	}},
	{"answer held back", func(h *holder, _ http.ResponseWriter, r *http.Request, f *holderFault) {
		h.answer(r)
		f.hold(r)
	}},
	{"half an answer", func(h *holder, w http.ResponseWriter, r *http.Request, f *holderFault) {
		answer := h.answer(r)
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		w.(http.Flusher).Flush()
		f.hold(r)
	}},
	{"drips", func(_ *holder, w http.ResponseWriter, r *http.Request, f *holderFault) {
		f.site.waits()
		for { // the space that JSON may begin with
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-f.done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}},
	{"too busy", tooBusy},
	{"redirect", func(_ *holder, w http.ResponseWriter, r *http.Request, f *holderFault) {
		if r.URL.Path == "/elsewhere" {
			f.hold(r)
			return
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}},
}

// tooBusy is the fault that a client waits for by itself.
func tooBusy(_ *holder, w http.ResponseWriter, _ *http.Request, f *holderFault) {
	f.site.waits()
	w.WriteHeader(http.StatusTooManyRequests)
}

// halfARefusal is a fault for which there is a test of its own.
func halfARefusal(_ *holder, w http.ResponseWriter, r *http.Request, f *holderFault) {
	w.WriteHeader(http.StatusBadRequest)
	io.WriteString(w, `{"error": "`)
	w.(http.Flusher).Flush()
	f.hold(r)
}

// serverSites starts a server, and returns what makes sites on it, and what ends all of its
// transactions.
func serverSites(t *testing.T, opts ...dbtest.ServerOption) (newSite func(t *testing.T) *site, restart func()) {
	server := dbtest.StartServer(t, opts...)
	execute(t, open(t, server.URL()), pointSchema, db.OnceSchema)
	newSite = func(t *testing.T) *site {
		h := startHolder(t, server.URL())
		return &site{
			url:    h.server.URL,
			pool:   open(t, h.server.URL, db.WithMaxOpenConns(4)),
			other:  open(t, server.URL()),
			holder: h,
		}
	}
	return newSite, func() {
		server.Kill()
		server.Restart()
	}
}

func TestCancelPointsServer(t *testing.T) {
	newSite, restart := serverSites(t)
	testPoints(t, lockStall, newSite)
	testPoints(t, poolStall, newSite)
	for _, fault := range holderFaults {
		testPoints(t, stall{
			name: fault.name, exec: insertPoint, query: "SELECT 1", hold: faulty(fault.do),
			skip: []string{"Conn"}, // which sends nothing
			lost: true, restart: restart,
		}, newSite)
	}
}

// TestCancelHalfARefusal ends the context while an answer that isn't 200 is read.
func TestCancelHalfARefusal(t *testing.T) {
	newSite, restart := serverSites(t)
	testPoints(t, stall{
		name: "half a refusal", exec: insertPoint, query: "SELECT 1", hold: faulty(halfARefusal),
		skip: []string{"Conn"}, lost: true, restart: restart,
	}, newSite)
}

// bigResult is more than the server of TestCancelCursor sends at once.
const bigResult = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000) SELECT x, hex(zeroblob(100)) FROM n"

// cursorFault lets a fault apply to cursors only.
func cursorFault(do func(h *holder, w http.ResponseWriter, r *http.Request, f *holderFault)) func(*site) {
	return faulty(func(h *holder, w http.ResponseWriter, r *http.Request, f *holderFault) {
		if strings.HasSuffix(r.URL.Path, "/cursor") || r.URL.Path == "/elsewhere" {
			do(h, w, r, f)
			return
		}
		h.forward.ServeHTTP(w, r)
	})
}

// TestCancelCursor is about rows that come one by one, and stop coming.
func TestCancelCursor(t *testing.T) {
	newSite, restart := serverSites(t, dbtest.WithArgs("--max-response-size", "1MB"))
	waits := allBut("Query", "QueryRow", "prepared Query", "reading BeginTx and Query", "middle: Query", "InReadTx", "reading Batch")
	for _, fault := range holderFaults {
		skip := waits
		if fault.name == "half an answer" {
			skip = append(skip, "QueryRow") // which has its row
		}
		testPoints(t, stall{
			name: fault.name, query: bigResult, hold: cursorFault(fault.do), skip: skip,
			lost: true, restart: restart,
		}, newSite)
	}
}

// halfCursor opens a cursor in a transaction that stalls in its middle, under a context
// that doesn't end.
func halfCursor(t *testing.T) (s *site, tx *sql.Tx, rows *sql.Rows) {
	newSite, _ := serverSites(t, dbtest.WithArgs("--max-response-size", "1MB"))
	s = newSite(t)
	s.t, s.waiting = t, make(chan struct{})
	t.Cleanup(s.disarm)
	for _, fault := range holderFaults {
		if fault.name == "half an answer" {
			cursorFault(fault.do)(s)
		}
	}
	tx, err := s.pool.BeginTx(background, nil)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, "INSERT INTO t VALUES ('m')")
	if rows, err = tx.QueryContext(background, bigResult); err != nil || !rows.Next() {
		t.Fatalf("no rows: %v", err)
	}
	t.Cleanup(func() {
		s.disarm()
		rows.Close()
		tx.Rollback()
	})
	return s, tx, rows
}

// TestCancelBehindCursor makes a statement wait for the rows of another, whose context
// doesn't end.
func TestCancelBehindCursor(t *testing.T) {
	_, tx, _ := halfCursor(t)
	ctx, cancel := context.WithTimeout(background, 200*time.Millisecond)
	defer cancel()
	err, _ := bounded(t, func() error {
		_, err := tx.ExecContext(ctx, insertPoint)
		return err
	})
	if !errors.Is(err, ctx.Err()) {
		t.Errorf("error %v, want %v", err, ctx.Err())
	}
}

// TestEndBehindCursor is about the end of a transaction, and of rows, that stall in their
// middle. They have no context, but are to have a limit.
func TestEndBehindCursor(t *testing.T) {
	for name, end := range map[string]func(*sql.Tx, *sql.Rows) error{
		"Close":    func(_ *sql.Tx, rows *sql.Rows) error { return rows.Close() },
		"Rollback": func(tx *sql.Tx, _ *sql.Rows) error { return tx.Rollback() },
		"Commit":   func(tx *sql.Tx, _ *sql.Rows) error { return tx.Commit() },
	} {
		t.Run(name, func(t *testing.T) {
			_, tx, rows := halfCursor(t)
			bounded(t, func() error {
				end(tx, rows)
				return nil
			})
		})
	}
}

// TestCancelInTxGivesUp is about a function that returns because its context has ended,
// when the server doesn't answer any more, not even to a ROLLBACK.
func TestCancelInTxGivesUp(t *testing.T) {
	newSite, _ := serverSites(t)
	s := newSite(t)
	s.t, s.waiting = t, make(chan struct{})
	t.Cleanup(s.disarm)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	err, _ := bounded(t, func() error {
		return db.InTx(ctx, s.pool, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, insertPoint); err != nil {
				return err
			}
			faulty(holderFaults[0].do)(s)
			cancel()
			return ctx.Err()
		})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// TestCancelLate is about a transaction whose ROLLBACK can't be sent either: the call
// isn't to wait for it.
func TestCancelLate(t *testing.T) {
	newSite, _ := serverSites(t)
	s := newSite(t)
	s.t, s.waiting = t, make(chan struct{})
	t.Cleanup(s.disarm)
	tx := begin(t, s.pool, nil)
	execute(t, tx, insertPoint)
	faulty(tooBusy)(s)
	ctx, cancel := context.WithTimeout(background, 100*time.Millisecond)
	defer cancel()
	err, _ := bounded(t, func() error {
		_, err := tx.ExecContext(ctx, insertPoint)
		return err
	})
	if !errors.Is(err, ctx.Err()) {
		t.Errorf("error %v, want %v", err, ctx.Err())
	}
}

// A tokenGate is a token function that waits from some call on until its context ends.
type tokenGate struct {
	calls atomic.Int32
	from  int32
	site  atomic.Pointer[site]
}

func (g *tokenGate) token(ctx context.Context) (string, error) {
	if g.calls.Add(1) >= g.from {
		if s := g.site.Load(); s != nil {
			s.waits()
			<-ctx.Done()
			return "", ctx.Err()
		}
	}
	return "", nil
}

// TestCancelTokenFunc is about a call that waits for the token: for the first one, for
// another because the server refused that, and for another call that waits for it.
func TestCancelTokenFunc(t *testing.T) {
	server := dbtest.StartServer(t)
	execute(t, open(t, server.URL()), pointSchema, db.OnceSchema)
	refuse := func(_ *holder, w http.ResponseWriter, _ *http.Request, _ *holderFault) {
		w.WriteHeader(http.StatusUnauthorized)
	}
	newSite := func(first bool) func(t *testing.T) *site {
		return func(t *testing.T) *site {
			h := startHolder(t, server.URL())
			gate := &tokenGate{from: 1}
			s := &site{url: h.server.URL, holder: h, other: open(t, server.URL())}
			s.opts = []db.Option{db.WithAuthTokenFunc(gate.token)}
			if first {
				connector, err := db.NewConnector(s.url, s.opts...)
				if err != nil {
					t.Fatal(err)
				}
				s.pool = sql.OpenDB(connector)
				t.Cleanup(func() { s.pool.Close() })
			} else {
				s.pool = open(t, s.url, s.opts...)
			}
			gate.site.Store(s)
			s.release = []func(){func() { gate.site.Store(nil) }}
			return s
		}
	}
	asked := []string{"Open", "Ping", "Conn", "Exec", "Query", "QueryRow", "Prepare", "script", "BeginTx and Exec", "InTx", "InReadTx", "InTxOnce"}
	testPoints(t, stall{
		name: "the first token", exec: insertPoint, query: "SELECT 1", skip: allBut(asked...),
		hold: func(*site) {},
	}, newSite(true))
	testPoints(t, stall{
		name: "another token", exec: insertPoint, query: "SELECT 1",
		// Those in the middle return late, when their ROLLBACK has got no token for 5 s.
		skip: append([]string{"Conn"}, middles[1:]...),
		hold: faulty(refuse),
	}, newSite(false))
	testPoints(t, stall{
		name: "another's wait", exec: insertPoint, query: "SELECT 1", skip: allBut(asked[1:]...),
		hold: func(s *site) {
			ctx, cancel := context.WithCancel(background)
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.pool.PingContext(ctx)
			}()
			<-s.waiting
			s.release = append(s.release, func() {
				cancel()
				<-done
			})
		},
	}, newSite(true))
}

// TestCancelConnecting is about servers that take connections, and say nothing: not even
// what TLS or a proxy begins with.
func TestCancelConnecting(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts: the system does
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	host := silent.Addr().String()
	proxy := db.WithHTTPProxy(http.ProxyURL(&url.URL{Scheme: "http", Host: host}))
	for name, s := range map[string]*site{
		"HTTP":          {url: "http://" + host},
		"TLS":           {url: "https://" + host},
		"proxy":         {url: "http://db.example", opts: []db.Option{proxy}},
		"CONNECT":       {url: "https://db.example", opts: []db.Option{proxy}},
		"without limit": {url: "https://" + host, opts: []db.Option{db.WithRequestTimeout(0)}},
	} {
		for _, end := range endings {
			t.Run(name+"/"+end.name, func(t *testing.T) {
				before := goleak.IgnoreCurrent()
				s := &site{url: s.url, opts: s.opts, waiting: make(chan struct{})}
				s.stall.hold = (*site).waitsSoon
				ctx, cancel := end.make(s)
				defer cancel()
				err, _ := bounded(t, func() error { return pointCalls[0].run(ctx, s) })
				s.disarm()
				if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
					t.Errorf("error %v, want that of the context, %v", err, ctx.Err())
				}
				checkGoroutines(t, before)
			})
		}
	}
}
