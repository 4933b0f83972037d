package conformance

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/duolite/duolite/db"
)

// faultCases are about faults of a server and of the network.
var faultCases = []testCase{
	{"ping asks the server", onServer(pingAsks)},
	{"a server that returns", onServer(serverReturns)},
	{"a server that returns within a transaction", onServer(serverReturnsInTx)},
	{"an answer that is lost", onServer(lostAnswer)},
	{"an answer that is lost in a transaction", onServer(lostAnswerInTx)},
	{"answers that are none", onServer(nonsense)},
	{"a proxy's errors", onServer(proxyErrors)},
	{"a connection after an error of HTTP", onServer(connAfterHTTPError)},
	{"silence", onServer(silence)},
	{"settings after a server's return", onServer(settingsAfterReturn)},
}

// patienceCases wait for a time limit.
var patienceCases = []testCase{
	{"silence at the end of a transaction", onServer(silentEnd)},
	{"idle for longer than a server keeps anything", onServer(idle)},
	{"idle with settings for longer than a server keeps them", onServer(idleWithSettings)},
}

// onServer returns a case that is skipped without a server.
func onServer(run func(*tester)) func(*tester) {
	return func(t *tester) {
		if !t.remote() {
			t.Skip("the engine has no server")
		}
		run(t)
	}
}

func pingAsks(t *tester) {
	server := t.fixture.database.Server
	server.Kill()
	t.failsAs("Ping", t.pool.PingContext(t.ctx), db.ErrUnavailable)
	server.Restart()
	if err := t.pool.PingContext(t.ctx); err != nil {
		t.Errorf("after its return: %v", err)
	}
}

func serverReturns(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	server := t.fixture.database.Server
	stmt := t.prepare(t.pool, "INSERT INTO t VALUES (?)")
	for range 2 {
		server.Kill()
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('x')")
		t.failsAs("Exec", err, db.ErrUnavailable)
		server.Restart()
		conn := t.conn(t.pool)
		t.exec(conn, "INSERT INTO t VALUES ('b')")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if _, err := stmt.ExecContext(t.ctx, "c"); err != nil {
			t.Error(err)
		}
	}
	t.wantLetters(t.pool, "abbcc")
	// Connections that were idle during the restart.
	server.Kill()
	server.Restart()
	for range 4 {
		t.wantLetters(t.pool, "abbcc")
	}
	tx := t.begin(t.pool, nil)
	t.exec(tx, "DELETE FROM t")
	t.commit(tx)
	t.wantLetters(t.pool, "")
}

func serverReturnsInTx(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, commits := range []bool{true, false} {
		tx := t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES ('a')")
		t.fixture.database.Server.Kill()
		t.fixture.database.Server.Restart()
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('b')")
		t.fails("the next statement", err)
		_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('c')")
		t.failsAs("one more", err, db.ErrTxLost)
		if commits {
			t.failsAs("Commit", tx.Commit(), db.ErrTxLost)
		} else {
			t.rollback(tx)
		}
		t.wantLetters(t.pool, "")
	}
}

// lostAnswer checks that a write isn't sent again after its reply was lost.
func lostAnswer(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	p, pool := t.through()
	count := p.loseAnswers("INSERT")
	for i, insert := range []struct {
		name string
		run  func() error
	}{
		{"Exec", func() error {
			_, err := pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')")
			return err
		}},
		{"RETURNING", func() error {
			return drain(pool.QueryContext(t.ctx, "INSERT INTO t VALUES ('a') RETURNING x"))
		}},
		{"with an argument", func() error {
			_, err := pool.ExecContext(t.ctx, "INSERT INTO t VALUES (?)", "a")
			return err
		}},
		{"script", func() error {
			_, err := pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a'); SELECT 1")
			return err
		}},
	} {
		before := t.value(t.pool, "SELECT count(*) FROM t")
		err := insert.run()
		t.failsAs(insert.name, err, db.ErrUnavailable)
		t.equal(insert.name+": requests", count(), i+1)
		// A script may be rolled back if the engine knows so.
		if after := t.value(t.pool, "SELECT count(*) FROM t"); after != before || insert.name != "script" {
			t.equal(insert.name+": rows", after, before.(int64)+1)
			t.failsAs(insert.name, err, db.ErrOutcomeUnknown)
		}
	}
	p.set(nil)
	if _, err := pool.ExecContext(t.ctx, "DELETE FROM t"); err != nil {
		t.Error(err)
	}
}

func lostAnswerInTx(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	p, pool := t.through()
	for range 2 {
		tx := t.begin(pool, nil)
		if _, err := tx.ExecContext(t.ctx, "UPDATE t SET x = 'a'"); err != nil {
			t.Fatal(err)
		}
		p.loseAnswers("INSERT")
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')")
		t.fails("insert", err)
		p.set(nil)
		_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('b')")
		t.failsAs("one more", err, db.ErrTxLost)
		t.failsAs("Commit", tx.Commit(), db.ErrTxLost)
		t.wantLetters(pool, "")
	}
}

// nonsense returns replies that no server would send.
func nonsense(t *tester) {
	p, pool := t.through()
	for _, answer := range []string{
		"", "{}", "null", "[]", "true", "{", `{"baton":null,"results":[]}`, `{"results":null}`, `{"results":[null]}`, `{"results":[{}]}`,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":null}]}`, `{"results":[{"type":"ok","response":{"type":"execute","result":null}}]}`,
		`{"results":[{"type":"error","error":null}]}`, `{"results":[{"type":"nothing"}]}`, "<html><body>Sign in</body></html>", "\x00\x01", "{}\n{}\n",
	} {
		p.set(func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			_, _ = io.WriteString(w, answer)
			return true
		})
		t.fails("Query, answered with "+answer, drain(pool.QueryContext(t.ctx, "SELECT 1")))
		_, err := pool.ExecContext(t.ctx, "CREATE TABLE t (x)")
		t.fails("Exec, answered with "+answer, err)
		_, err = pool.ExecContext(t.ctx, "CREATE TABLE t (x); SELECT 1")
		t.fails("a script, answered with "+answer, err)
		if tx, err := pool.BeginTx(t.ctx, nil); err == nil {
			_, err = tx.ExecContext(t.ctx, "SELECT 1")
			t.fails("a transaction, answered with "+answer, err)
			_ = tx.Rollback()
		}
		p.set(nil)
		t.wantValue(pool, int64(1), "SELECT 1")
	}
}

func proxyErrors(t *tester) {
	p, pool := t.through()
	const page = "<html>\n<head><title>Bad Gateway</title></head>\n<body>nginx</body></html>"
	for _, tt := range []struct {
		status int
		body   string
	}{
		{502, page}, {503, page}, {504, ""}, {500, "Internal Server Error"}, {429, "Too many concurrent requests"}, {503, `{"message":"overloaded","code":"OVERLOADED"}`},
	} {
		p.set(func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
			return true
		})
		for what, err := range map[string]error{
			"Query": drain(pool.QueryContext(t.ctx, "SELECT 1")),
			"Ping":  pool.PingContext(t.ctx),
		} {
			if t.failsAs(what, err, db.ErrUnavailable) {
				text := err.Error()
				if len(text) > 300 || strings.ContainsAny(text, "<>\n") || strings.HasSuffix(strings.TrimSpace(text), ":") {
					t.Errorf("%s: status %d: the error's text is %q", what, tt.status, text)
				}
			}
		}
		p.set(nil)
		t.wantValue(pool, int64(1), "SELECT 1")
	}
}

// connAfterHTTPError takes a connection from the pool after an HTTP error.
func connAfterHTTPError(t *tester) {
	p, pool := t.through()
	pool.SetMaxOpenConns(1)
	for range 3 {
		p.set(func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.WriteHeader(http.StatusBadGateway)
			return true
		})
		t.fails("Query", drain(pool.QueryContext(t.ctx, "SELECT 1")))
		p.set(nil)
		conn := t.conn(pool)
		t.wantValue(conn, int64(1), "SELECT 1")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

func silence(t *tester) {
	p, pool := t.through()
	p.beSilent()
	for range 3 {
		ctx, cancel := context.WithTimeout(t.ctx, 100*time.Millisecond)
		t.failsAs("Query", drain(pool.QueryContext(ctx, "SELECT 1")), context.DeadlineExceeded)
		_, err := pool.ExecContext(ctx, "CREATE TABLE t (x)")
		t.failsAs("Exec", err, context.DeadlineExceeded)
		t.failsAs("Ping", pool.PingContext(ctx), context.DeadlineExceeded)
		cancel()
	}
	p.set(nil)
	t.wantValue(pool, int64(1), "SELECT 1")
}

// silentEnd checks that Commit and Rollback, which have no context, return anyway.
func silentEnd(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	p, pool := t.through()
	commits, rolls := t.begin(pool, nil), t.begin(pool, &sql.TxOptions{ReadOnly: true})
	t.exec(commits, "INSERT INTO t VALUES ('a')")
	t.wantLetters(rolls, "")
	p.beSilent()
	committed, rolled := make(chan error, 1), make(chan error, 1)
	go func() { committed <- commits.Commit() }()
	go func() { rolled <- rolls.Rollback() }()
	limit := time.After(bound * 3 / 4)
	for what, end := range map[string]chan error{"Commit": committed, "Rollback": rolled} {
		select {
		case err := <-end:
			if what == "Commit" {
				t.fails(what, err)
			}
		case <-limit:
			t.Fatalf("%s doesn't return", what)
		}
	}
	p.set(nil)
	t.wantValue(pool, int64(1), "SELECT 1")
}

// idle leaves a transaction, a connection and a pool idle for longer than a server keeps a
// stream. Only the transaction may be lost.
func idle(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	conn := t.conn(t.pool)
	t.exec(conn, "INSERT INTO t VALUES ('a')")
	stmt := t.prepare(conn, "INSERT INTO t VALUES (?)")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('x')")

	time.Sleep(12 * time.Second) // the server's limit can't be shortened

	_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('y')")
	if t.fails("the transaction's next statement", err) && strings.HasSuffix(strings.TrimSpace(err.Error()), ":") {
		t.Errorf("the error says nothing: %q", err)
	}
	_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('z')")
	t.failsAs("one more", err, db.ErrTxLost)
	t.failsAs("Commit", tx.Commit(), db.ErrTxLost)
	t.exec(conn, "INSERT INTO t VALUES ('b')")
	if _, err := stmt.ExecContext(t.ctx, "c"); err != nil {
		t.Error(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	t.wantLetters(t.pool, "abc")
}

func idleWithSettings(t *tester) {
	conn := t.parentless()
	time.Sleep(12 * time.Second)
	t.wantSettingsLost(conn)
}

// parentless returns a connection with foreign_keys = OFF.
func (t *tester) parentless() *sql.Conn {
	t.Helper()
	t.setUp("CREATE TABLE parent (id INTEGER PRIMARY KEY)", "INSERT INTO parent VALUES (1)",
		"CREATE TABLE child (id REFERENCES parent ON DELETE CASCADE)", "INSERT INTO child VALUES (1)")
	conn := t.conn(t.pool)
	t.exec(conn, "PRAGMA foreign_keys = OFF")
	return conn
}

// wantSettingsLost checks that no statement of the connection runs without its settings: with
// foreign_keys ON the child's rows would be deleted.
func (t *tester) wantSettingsLost(conn *sql.Conn) {
	t.Helper()
	_, err := conn.ExecContext(t.ctx, "DELETE FROM parent")
	t.fails("a statement without the connection's settings", err)
	_ = conn.Close()
	t.wantValue(t.pool, int64(1), "SELECT count(*) FROM child")
	t.wantValue(t.pool, int64(1), "PRAGMA foreign_keys")
}

func settingsAfterReturn(t *tester) {
	conn := t.parentless()
	t.fixture.database.Server.Kill()
	t.fixture.database.Server.Restart()
	t.wantSettingsLost(conn)
}
