package conformance

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/duolite/duolite/db"
)

// replicaDifferences are about reads that run on the local copy.
func replicaDifferences() []Difference {
	return []Difference{
		{
			Key: "local-reads", Engines: []string{Replica},
			Contract: "Each call goes to the server, and fails if the server can't be reached.",
			Instead:  "A read outside of a transaction, a read transaction, a batch that only reads and Ping use the local copy, and need no server. A write fails.",
			Why:      "A copy exists for that purpose.",
			cases: []testCase{
				{"faults/ping asks the server", readsWithoutServer},
				{"faults/answers that are none", readsDespite(func(w http.ResponseWriter) { io.WriteString(w, "null") })},
				{"faults/a proxy's errors", readsDespite(func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) })},
				{"faults/a connection after an error of HTTP", readsDespite(func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })},
				{"faults/silence", readsDespite(func(http.ResponseWriter) { panic(http.ErrAbortHandler) })},
				{"batch/requests", batchRequestsOfWrites},
				{"batch/a request that is lost", batchLostReplica},
			},
		},
		{
			Key: "value-size-written", Engines: []string{Replica},
			Contract: "A text or blob may have up to 1,000,000,000 bytes.",
			Instead:  "More than 5,000,000 bytes are ErrTooBig as an argument of a write, and as a value in a write transaction.",
			Why:      "The server has a limit.",
			cases:    []testCase{{"limits/a value of more than 5,000,000 bytes", tooLargeArgument}},
		},
		{
			Key: "two-sqlites", Engines: []string{Replica},
			Contract: "All statements have the same functions and syntax.",
			Instead:  "Reads on the copy have the newest SQLite's, and the server's if the newest SQLite doesn't compile the statement. Transactions and writes have the server's.",
			Why:      "Two SQLites of different versions run the statements.",
			cases:    []testCase{{"functions/only-server", values("only-server", expression.ofServer)}, {"functions/names", serverFunctionsToo}},
		},
	}
}

// readsWithoutServer reads while the server is down, and writes when it is back. A write on a connection that
// was open before may have reached the server. Then reads ask the server, since the copy may lack the write.
func readsWithoutServer(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	t.wantLetters(t.pool, "a")
	server := t.fixture.database.Server
	server.Kill()
	mayHaveRun := false
	for range 3 {
		if err := t.pool.PingContext(t.ctx); err != nil {
			t.Errorf("Ping: %v", err)
		}
		if mayHaveRun {
			t.failsAs("a read after a write that may have run", scan(t.pool.QueryRowContext(t.ctx, "SELECT x FROM t")), db.ErrUnavailable)
		} else {
			t.wantLetters(t.pool, "a")
		}
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('x')")
		t.failsAs("Exec", err, db.ErrUnavailable)
		mayHaveRun = mayHaveRun || errors.Is(err, db.ErrOutcomeUnknown)
	}
	server.Restart()
	t.exec(t.pool, "INSERT INTO t VALUES ('b')")
	t.wantLetters(t.pool, "ab")
}

// readsDespite returns a case in which the server's answers to statements are replaced.
func readsDespite(answer func(http.ResponseWriter)) func(*tester) {
	return func(t *tester) {
		t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
		p, pool := t.through()
		t.wantLetters(pool, "a")
		for range 3 {
			p.set(func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if strings.Contains(r.URL.Path, "wal_log") {
					return false
				}
				answer(w)
				return true
			})
			if err := pool.PingContext(t.ctx); err != nil {
				t.Errorf("Ping: %v", err)
			}
			t.wantLetters(pool, "a")
			tx := t.begin(pool, nil)
			_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('x')")
			t.failsAs("Exec", err, db.ErrUnavailable)
			_ = tx.Rollback()
			p.set(nil)
			t.exec(pool, "UPDATE t SET x = x")
			t.wantLetters(pool, "a")
		}
	}
}

// batchRequestsOfWrites counts requests: the writes of a batch take one, and reads none.
func batchRequestsOfWrites(t *tester) {
	t.setUp(batchTable)
	p, pool := t.through()
	inserts := func() {
		b := t.batch(pool)
		for range 1000 {
			t.queueExec(b, "INSERT INTO t (x) VALUES (hex(randomblob(16)))")
		}
		t.runs(b)
	}
	inserts() // and the first request of the connection
	t.equal("1,000 inserts", p.countRequests(inserts), 1)
	t.equal("six reads", p.countRequests(func() {
		b := t.batch(pool, db.WithReadOnly())
		for range 6 {
			t.queueRow(b, "SELECT count(*) FROM t")
		}
		t.runs(b)
	}), 0)
}

// batchLostReplica loses the answer to a batch of writes, and reads whether it was applied.
func batchLostReplica(t *tester) {
	t.setUp(batchTable)
	p, pool := t.through()
	p.loseAnswers("last")
	b := t.batch(pool)
	first := t.queueInsert(b, "last")
	if err := b.Run(t.ctx); !errors.Is(err, db.ErrOutcomeUnknown) {
		t.Errorf("Run: %v", err)
	}
	t.failsAs("Get", first.Err(), db.ErrOutcomeUnknown)
	p.set(nil)
	t.wantAll("last")
}

// serverFunctionsToo calls a function of each SQLite.
func serverFunctionsToo(t *tester) {
	t.wantValue(t.pool, "é", "SELECT unistr('\\00e9')")
	t.wantValue(t.pool, "cba", "SELECT reverse('abc')")
	tx := t.begin(t.pool, nil)
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.ctx, "SELECT unistr('a')"); err == nil {
		t.Error("the server has unistr")
	}
}
