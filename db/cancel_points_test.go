package db_test

import (
	"context"
	"database/sql"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// These tests end the context of each kind of call at each point where it may wait. The call
// must return the context's error, the pool must work as before, another pool must be able to
// write, and no goroutine may be left.

// An operation is a kind of call.
type operation struct {
	name  string
	words string // the points where it waits, "tx" for a transaction that writes, "middle" if its second statement waits
	run   func(a *attempt) error
}

var operations = []operation{
	{"Open", "open request token", onPool(func(a *attempt, _ benchDBTX) error { return only(db.Open(a.ctx, a.url, a.opts...)) })},
	{"Ping", "pool request token", onPool(func(a *attempt, _ benchDBTX) error { return a.pool.PingContext(a.ctx) })},
	{"Conn", "pool token", onPool(func(a *attempt, _ benchDBTX) error { return only(a.pool.Conn(a.ctx)) })},
	{"Exec", "lock pool work request token", onPool(execText)},
	{"Query", "lock pool work request cursor token", onPool(queryAll)},
	{"QueryRow", "lock pool work request cursor token", onPool(queryRow)},
	{"Prepare", "pool request token", onPool(prepareNew)},
	{"prepared Exec", "lock pool work request", onStmt(false)},
	{"prepared Query", "lock pool work request cursor", onStmt(true)},
	{"script", "tx lock pool work request token", onPool(execScript)},
	{"on a Conn", "lock work request", onConn(execText)},
	{"BEGIN on a Conn", "tx lock request", onConn(execBegin)},
	{"BeginTx and Exec", "tx lock pool work request token", txKind{}.in(execText)},
	{"BeginTx, Exec with its own context", "tx lock work request", txKind{long: true}.in(execText)},
	{"reading BeginTx and Query", "pool work request cursor", txKind{reads: true}.in(queryAll)},
	{"middle: Exec", "tx middle work request", middle.in(execText)},
	{"middle: Query", "tx middle work request cursor", middle.in(queryAll)},
	{"middle: script", "tx middle work request", middle.in(execScript)},
	{"middle: Batch", "tx middle work request", middle.in(runBatch())},
	{"middle: InTx", "tx middle work request", middleOfInTx},
	{"InTx", "tx lock pool work request token", onPool(inTx)},
	{"InReadTx", "pool work request cursor token", onPool(inReadTx)},
	{"InTxOnce", "tx lock pool work request token", onPool(inTxOnce)},
	{"Batch", "tx lock pool work request", onPool(runBatch())},
	{"independent Batch", "lock pool work request", onPool(runBatch(db.WithIndependentCalls()))},
	{"reading Batch", "pool work request cursor", onPool(runReadingBatch)},
	{"InTx again", "again", onPool(func(a *attempt, _ benchDBTX) error { return db.InTx(a.ctx, a.pool, a.busy, a.again()) })},
	{"InReadTx again", "again", onPool(func(a *attempt, _ benchDBTX) error { return db.InReadTx(a.ctx, a.pool, a.busy, a.again()) })},
	{"InTxOnce again", "again", onPool(func(a *attempt, _ benchDBTX) error {
		return only(db.InTxOnce(a.ctx, a.pool, "key", func(tx *sql.Tx) (int, error) { return 0, a.busy(tx) }, a.again()))
	})},
}

func (o operation) is(word string) bool { return slices.Contains(strings.Fields(o.words), word) }

// An action is a call on a pool, a connection or a transaction.
type action func(a *attempt, on benchDBTX) error

func execText(a *attempt, on benchDBTX) error { return only(on.ExecContext(a.ctx, a.exec)) }

func queryAll(a *attempt, on benchDBTX) error { return readAll(on.QueryContext(a.ctx, a.query)) }

func queryRow(a *attempt, on benchDBTX) error {
	return on.QueryRowContext(a.ctx, a.query).Scan(new(any))
}

// prepareNew prepares a statement that the pool doesn't know yet.
func prepareNew(a *attempt, on benchDBTX) error {
	return only(on.PrepareContext(a.ctx, a.exec+" -- "+a.t.Name()))
}

func execScript(a *attempt, on benchDBTX) error {
	return only(on.ExecContext(a.ctx, "INSERT INTO t VALUES ('s'); "+a.exec))
}

func execBegin(a *attempt, on benchDBTX) error {
	return only(on.ExecContext(a.ctx, "BEGIN IMMEDIATE"))
}

func inTx(a *attempt, _ benchDBTX) error {
	return db.InTx(a.ctx, a.pool, func(tx *sql.Tx) error { return execText(a, tx) })
}

func inReadTx(a *attempt, _ benchDBTX) error {
	return db.InReadTx(a.ctx, a.pool, func(tx *sql.Tx) error { return queryAll(a, tx) })
}

func inTxOnce(a *attempt, _ benchDBTX) error {
	return only(db.InTxOnce(a.ctx, a.pool, "key", func(tx *sql.Tx) (int, error) { return 0, execText(a, tx) }))
}

// busy makes InTx try again, and again reports that it waits before that.
func (a *attempt) busy(*sql.Tx) error { return db.ErrBusy }

func (a *attempt) again() db.TxOption {
	return db.WithRetryHook(func(context.Context, db.Retry) { a.waits() })
}

// runBatch runs a batch of two calls, which must fail too.
func runBatch(opts ...db.BatchOption) action {
	return func(a *attempt, on benchDBTX) error {
		b := newBatch(on, opts...)
		first, second := queueText(b, "INSERT INTO t VALUES ('b')"), queueText(b, a.exec)
		err := b.Run(a.ctx)
		if err != nil && (second.Err() == nil || first.Err() == nil && len(opts) == 0) {
			a.t.Errorf("the calls returned %v, %v, and Run %v", first.Err(), second.Err(), err)
		}
		return err
	}
}

func runReadingBatch(a *attempt, on benchDBTX) error {
	b := newBatch(on, db.WithReadOnly())
	queueRows(b, "SELECT count(*) FROM t")
	queueRows(b, a.query)
	return b.Run(a.ctx)
}

func onPool(run action) func(*attempt) error {
	return func(a *attempt) error {
		a.arm()
		return run(a, a.pool)
	}
}

func onConn(run action) func(*attempt) error {
	return func(a *attempt) error {
		conn, err := a.pool.Conn(background)
		if err != nil {
			return err
		}
		defer conn.Close()
		a.arm()
		return run(a, conn)
	}
}

// onStmt runs a prepared statement, which may be a query.
func onStmt(reads bool) func(*attempt) error {
	return func(a *attempt) error {
		text := a.exec
		if reads {
			text = a.query
		}
		stmt, err := a.pool.PrepareContext(background, text)
		if err != nil {
			return err
		}
		defer stmt.Close()
		a.arm()
		if reads {
			return readAll(stmt.QueryContext(a.ctx))
		}
		return only(stmt.ExecContext(a.ctx))
	}
}

// A txKind is a transaction that only reads, whose context doesn't end, or whose second
// statement waits.
type txKind struct{ reads, long, second bool }

var middle = txKind{long: true, second: true}

func (k txKind) in(run action) func(*attempt) error {
	return func(a *attempt) error {
		ctx := a.ctx
		if k.long {
			ctx = background
		}
		if !k.second {
			a.arm()
		}
		tx, err := a.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: k.reads})
		if err != nil {
			return err
		}
		defer tx.Rollback() // which has no context, but a limit of its own
		defer a.disarm()
		if k.second {
			execute(a.t, tx, insertPoint)
			a.arm()
		}
		return run(a, tx)
	}
}

func middleOfInTx(a *attempt) error {
	return db.InTx(a.ctx, a.pool, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(a.ctx, insertPoint); err != nil {
			return err
		}
		a.arm()
		return execText(a, tx)
	})
}

const (
	pointSchema = "CREATE TABLE t (x)"
	insertPoint = "INSERT INTO t VALUES (1)"
)

var (
	lockPoint  = point{name: "lock", at: "lock", exec: insertPoint, query: insertPoint + " RETURNING x", hold: holdLock}
	poolPoint  = point{name: "pool", at: "pool", exec: insertPoint, query: "SELECT 1", hold: holdConn}
	workPoint  = point{name: "work", at: "work", exec: endless, query: forever, hold: (*attempt).waitsSoon}
	againPoint = point{name: "again", at: "again", hold: func(*attempt) {}}
)

// holdLock lets another pool have the write lock.
func holdLock(a *attempt) {
	tx, err := a.other.BeginTx(background, nil)
	if err == nil {
		_, err = tx.ExecContext(background, insertPoint)
		a.release = append(a.release, func() { tx.Rollback() })
	}
	if err != nil {
		a.t.Error(err)
	}
	a.waitsSoon()
}

// holdConn takes the pool's only connection.
func holdConn(a *attempt) {
	a.pool.SetMaxOpenConns(1)
	conn, err := a.pool.Conn(background)
	if err != nil {
		a.t.Fatal(err)
	}
	a.release = append(a.release, func() {
		conn.Close()
		a.pool.SetMaxOpenConns(4)
	})
	a.waitsSoon()
}

func TestCancelPointsSQLite(t *testing.T) {
	for name, makeURL := range map[string]func(t *testing.T) string{
		"file":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "app.db") },
		"memory": func(t *testing.T) string { return "file:" + url.PathEscape(t.Name()) + "?mode=memory" },
	} {
		newSite := func(t *testing.T) *site {
			s := &site{url: makeURL(t)}
			s.other = open(t, s.url, db.WithBusyTimeout(0))
			s.pool = open(t, s.url, db.WithBusyTimeout(time.Hour), db.WithMaxOpenConns(4))
			execute(t, s.other, pointSchema, db.OnceSchema)
			return s
		}
		for _, p := range []point{lockPoint, poolPoint, workPoint, againPoint} {
			p.name = name + "/" + p.name
			testPoint(t, p, newSite)
		}
	}
}

// openOther opens a file by another driver, which locks it as another process would.
func openOther(t *testing.T, path, params string) *sql.DB {
	pool, err := sql.Open("sqlite", "file:"+path+"?"+params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// TestCancelPointsForeignLock waits for a lock in SQLite, and not in the pool's queue.
func TestCancelPointsForeignLock(t *testing.T) {
	p := lockPoint
	p.name = "foreign lock"
	testPoint(t, p, func(t *testing.T) *site {
		s := &site{url: filepath.Join(t.TempDir(), "app.db")}
		s.pool = open(t, s.url, db.WithBusyTimeout(time.Hour), db.WithMaxOpenConns(4))
		execute(t, s.pool, pointSchema, db.OnceSchema)
		s.other = openOther(t, s.url, "_txlock=immediate&_pragma=busy_timeout(5000)")
		return s
	})
}

// TestCancelOpenWaiting opens a file with an exclusive lock, whose journal mode can't be read.
func TestCancelOpenWaiting(t *testing.T) {
	testPoint(t, point{name: "exclusive lock", at: "open", hold: holdLock}, func(t *testing.T) *site {
		s := &site{url: filepath.Join(t.TempDir(), "app.db"), opts: []db.Option{db.WithBusyTimeout(time.Hour)}}
		s.other, s.pool = openOther(t, s.url, "_txlock=exclusive"), openOther(t, s.url, "_pragma=busy_timeout(5000)")
		execute(t, s.other, pointSchema)
		return s
	})
}

// faults are the points where a server, or a proxy in front of it, lets its client wait.
var faults = []point{
	{name: "no answer", locked: "middle", serve: func(a *attempt, _ http.ResponseWriter, _ *http.Request) { a.wait() }},
	{name: "answer held back", locked: "tx", serve: func(a *attempt, _ http.ResponseWriter, r *http.Request) {
		a.reply(r)
		a.wait()
	}},
	{name: "half an answer", locked: "tx", serve: halfAnAnswer},
	{name: "half a refusal", locked: "middle", serve: func(a *attempt, w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusBadRequest, `{"error": "`)
		a.wait()
	}},
	{name: "drips", locked: "middle", serve: drip},
	{name: "too busy", locked: "middle", serve: tooBusy},
	{name: "redirect", locked: "middle", serve: func(a *attempt, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			a.wait()
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}},
}

func halfAnAnswer(a *attempt, w http.ResponseWriter, r *http.Request) {
	reply := a.reply(r)
	send(w, reply.Code, reply.Body.String()[:reply.Body.Len()/2])
	a.wait()
}

// drip sends the spaces with which JSON may begin.
func drip(a *attempt, w http.ResponseWriter, _ *http.Request) {
	for a.waits(); ; send(w, http.StatusOK, " ") {
		select {
		case <-a.ended:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// tooBusy is a refusal after which the client waits before it tries again.
func tooBusy(a *attempt, w http.ResponseWriter, _ *http.Request) {
	a.waits()
	w.WriteHeader(http.StatusTooManyRequests)
}

func TestCancelPointsServer(t *testing.T) {
	newSite := servers(t)
	for _, p := range []point{lockPoint, poolPoint, againPoint} {
		testPoint(t, p, newSite)
	}
	for _, p := range faults {
		p.at, p.exec, p.query = "request", insertPoint, "SELECT 1"
		testPoint(t, p, newSite)
	}
}

// smallReplies makes a server send bigResult by a cursor.
var smallReplies = dbtest.WithArgs("--max-response-size", "1MB")

const bigResult = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 8000) SELECT x, hex(zeroblob(100)) FROM n"

// TestCancelCursor reads rows that a server sends one by one, until it stops.
func TestCancelCursor(t *testing.T) {
	newSite := servers(t, smallReplies)
	for _, p := range faults {
		p.at, p.query, p.cursors = "cursor", bigResult, true
		if p.name == "half an answer" {
			p.except = "QueryRow" // whose row is in the half
		}
		testPoint(t, p, newSite)
	}
}

// stalledRows returns a transaction, and rows in it that stop in the middle.
func stalledRows(t *testing.T) (*sql.Tx, *sql.Rows) {
	a := newAttempt(t, servers(t, smallReplies)(t), point{serve: halfAnAnswer, cursors: true}, endings[2])
	tx, err := a.pool.BeginTx(background, nil)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, insertPoint)
	a.block()
	rows, err := tx.QueryContext(background, bigResult)
	if err != nil || !rows.Next() {
		t.Fatalf("no rows: %v", err)
	}
	t.Cleanup(func() {
		a.disarm()
		rows.Close()
		tx.Rollback()
	})
	return tx, rows
}

// TestCancelBehindCursor runs a statement that waits for the rows of another, and ends rows and
// transactions that stop in the middle. The ends have no context, but a limit of their own.
func TestCancelBehindCursor(t *testing.T) {
	for name, call := range map[string]func(t *testing.T, tx *sql.Tx, rows *sql.Rows){
		"Exec": func(t *testing.T, tx *sql.Tx, _ *sql.Rows) {
			ctx, cancel := context.WithTimeout(background, 100*time.Millisecond)
			defer cancel()
			checkEnds(t, ctx, func() error { return only(tx.ExecContext(ctx, insertPoint)) })
		},
		"Close":    func(t *testing.T, _ *sql.Tx, rows *sql.Rows) { checkReturns(t, func() { rows.Close() }) },
		"Rollback": func(t *testing.T, tx *sql.Tx, _ *sql.Rows) { checkReturns(t, func() { tx.Rollback() }) },
		"Commit":   func(t *testing.T, tx *sql.Tx, _ *sql.Rows) { checkReturns(t, func() { tx.Commit() }) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx, rows := stalledRows(t)
			call(t, tx, rows)
		})
	}
}

// TestCancelInTxGivesUp cancels InTx when the server no longer replies, not even to ROLLBACK.
func TestCancelInTxGivesUp(t *testing.T) {
	a := newAttempt(t, servers(t)(t), faults[0], endings[2])
	t.Cleanup(a.disarm)
	checkEnds(t, a.ctx, func() error {
		return db.InTx(a.ctx, a.pool, func(tx *sql.Tx) error {
			execute(t, tx, insertPoint)
			a.block()
			a.waits()
			return a.ctx.Err()
		})
	})
}

// TestCancelTokenFunc makes calls that wait for a token: for the first one, for the one that
// another call waits for, and for another one after a refusal.
func TestCancelTokenFunc(t *testing.T) {
	newSite := servers(t)
	newPool := func(t *testing.T) *site {
		s := newSite(t)
		s.opts = []db.Option{db.WithAuthTokenFunc(s.token)}
		connector, err := db.NewConnector(s.url, s.opts...)
		if err != nil {
			t.Fatal(err)
		}
		s.pool = sql.OpenDB(connector)
		t.Cleanup(func() { s.pool.Close() })
		return s
	}
	p := point{name: "the first token", at: "token", exec: insertPoint, query: "SELECT 1", tokens: true, fresh: true}
	testPoint(t, p, newPool)
	p.name, p.except, p.hold = "another's wait", "Open", holdToken
	testPoint(t, p, newPool)
	p.name, p.at, p.locked, p.fresh, p.hold = "another token", "request", "middle", false, nil
	p.serve = func(_ *attempt, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	// As "middle: Exec" these return late: their ROLLBACK waits 1 s for a token.
	p.except = "middle: Query, middle: script, middle: Batch, middle: InTx"
	testPoint(t, p, func(t *testing.T) *site {
		s := newPool(t)
		if err := s.pool.Ping(); err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// holdToken makes a Ping wait for the token.
func holdToken(a *attempt) {
	a.block()
	ctx, cancel := context.WithCancel(background)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.pool.PingContext(ctx)
	}()
	<-a.waiting
	a.release = append(a.release, func() {
		cancel()
		<-done
	})
}

// TestCancelConnecting opens databases of servers that accept connections and send nothing,
// neither the start of TLS nor a proxy's reply.
func TestCancelConnecting(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	host := silent.Addr().String()
	proxy := []db.Option{db.WithHTTPProxy(http.ProxyURL(&url.URL{Scheme: "http", Host: host}))}
	for name, s := range map[string]*site{
		"HTTP":          {url: "http://" + host},
		"TLS":           {url: "https://" + host},
		"proxy":         {url: "http://db.example", opts: proxy},
		"CONNECT":       {url: "https://db.example", opts: proxy},
		"without limit": {url: "https://" + host, opts: []db.Option{db.WithRequestTimeout(0)}},
	} {
		p := point{name: name, at: "open", hold: (*attempt).waitsSoon}
		testPoint(t, p, func(*testing.T) *site { return s })
	}
}
