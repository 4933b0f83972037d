package conformance

import (
	"context"
	"database/sql"
	"time"

	"github.com/duolite/duolite/db"
)

// clientGoDifferences are the differences of libsql-client-go only.
func clientGoDifferences() []Difference {
	only := []string{LibSQLGo}
	const why = "The client behaves so."
	return []Difference{
		{
			Key: "clientgo-infinity", Engines: only,
			Contract: "A result that is too large for a float is ±Inf, or an error where the server can't send it.",
			Instead:  "It is NULL, without an error.",
			Why:      "The server answers in JSON, which has no infinity, and the client doesn't check for it.",
			cases:    []testCase{{"limits/an infinity as a result", infinityIsNull}},
		},
		{
			Key: "clientgo-result-size", Engines: only,
			Contract: "The rows of a query arrive while they are read, and may have any size.",
			Instead:  "All rows arrive in one reply. More than 10 MB are ErrTooBig; a write with RETURNING has run nevertheless.",
			Why:      "The server has a limit, and the client doesn't ask for smaller replies.",
			cases: []testCase{
				{"pool/a result of 12 MB", largeResultRefused},
				{"destinations/Scan after another statement, in a result of 12 MB", largeResultRefused},
				{"limits/RETURNING of 12 MB", largeReturningTooBig},
				{"cancel/while rows are read", endlessRefused},
				{"cancel/rows that are left alone", endlessRefused},
				{"lost/interrupted while rows are read", endlessRefused},
			},
		},
		{
			Key: "clientgo-parameters", Engines: only,
			Contract: "Numbered parameters may have gaps and be mixed with ?, $1 is a number, and names and positions may be mixed.",
			Instead:  "Each of these is an error; a repeated number (?1, ?1) works.",
			Why:      why,
			cases: []testCase{
				{"parameters/numbers with gaps", refusedQuery("SELECT ?1, ?3", "a", "b", "c")},
				{"parameters/numbers mixed with plain ones", refusedQuery("SELECT ?2, ?", "a", "b", "c")},
				{"parameters/dollar numbers are numbers", refusedQuery("SELECT $1, $2", "a", "b")},
				{"dynamic/each form of parameters", refusedQuery("-- db:dynamic\nSELECT $1, $2", "a", "b")},
				{"parameters/positions for names", refusedQuery("SELECT :b, ?, :b", "x", "y")},
				{"parameters/names and positions", refusedQuery("SELECT ?, :a", "x", sql.Named("a", "y"))},
				{"parameters/arguments of prepared statements", refusedQuery("SELECT ?1, ?3", 1, 2, 3)},
				{"batch/parameters", refusedQuery("SELECT ?2, :c, ?1", 1, 2, sql.Named("c", 3))},
			},
		},
		{
			Key: "clientgo-batch", Engines: only,
			Contract: "A batch is one request to a server. By default a lost reply makes the outcome of all calls unknown.",
			Instead:  "Each statement, BEGIN and COMMIT is a request. Only a lost reply to COMMIT makes the outcome unknown.",
			Why:      "The client can't send statements with arguments together.",
			cases: []testCase{
				{"batch/requests", batchOneByOne},
				{"batch/an answer that is lost", batchLostCommit},
				{"batch/a request that is lost", batchLostCommit},
			},
		},
		{
			Key: "clientgo-prepare", Engines: only,
			Contract: "Prepare fails for a text that the database can't compile.",
			Instead:  "The first use of the statement fails.",
			Why:      why,
			cases:    []testCase{{"prepared/bad SQL fails at Prepare", badSQLPrepared}},
		},
		{
			Key: "clientgo-columns", Engines: only,
			Contract: "ColumnTypes has a column's declared type and the matching Go type.",
			Instead:  "They are always \"\" and any.",
			Why:      why,
			cases: []testCase{
				{"columns/declared and Go types", noColumnTypes},
				{"columns/declared types have upper case and no numbers", noColumnTypes},
				{"columns/types of a result without rows", noColumnTypes},
				{"columns/columns of RETURNING", noColumnTypes},
				{"columns/declared lengths", noColumnTypes},
			},
		},
		{
			Key: "clientgo-times", Engines: only,
			Contract: "A text that is a time, in a column declared as date, datetime or timestamp, is read as a time.Time.",
			Instead:  "This holds for columns declared DATETIME or TIMESTAMP, and for the forms with a space in the middle that Go's drivers write. Other times are read as strings.",
			Why:      why,
			cases: []testCase{
				{"times/declared types that hold times", fewTimeTypes},
				{"times/forms that are read", fewTimeForms},
			},
		},
		{
			Key: "clientgo-raise", Engines: only,
			Contract: "The error of RAISE in a trigger has the code 1811.",
			Instead:  "It has the code 1.",
			Why:      "The client keeps the text of an error and not its code, and here the text is the program's own.",
			cases:    []testCase{{"errors/RAISE in a trigger", raisedWithoutCode}},
		},
		{
			Key: "clientgo-session", Engines: only,
			Contract: "The statements of a script that can't run in a transaction run on one connection, and a setting of a connection lasts until the connection returns to the pool.",
			Instead:  "Outside of a transaction each statement has its own connection on the server, so PRAGMA foreign_keys = OFF has ended when the next statement runs.",
			Why:      "The client doesn't notice that the server has closed an idle connection.",
			cases: []testCase{
				{"scripts/with what can't be in a transaction", scriptWithoutState},
				{"settings/PRAGMA foreign_keys on a connection", connWithoutState},
				{"settings/settings outlive rows that are closed early", connWithoutState},
				{"faults/settings after a server's return", connWithoutState},
				{"patience/idle with settings for longer than a server keeps them", connWithoutState},
			},
		},
	}
}

func infinityIsNull(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT 9e999, -9e999, typeof(9e999)"), []any{nil, nil, "real"})
}

func largeResultRefused(t *tester) {
	const query = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT zeroblob(1000000) FROM n"
	t.failsAs("query", drain(t.pool.QueryContext(t.ctx, query)), db.ErrTooBig)
	t.wantValue(t.pool, int64(1), "SELECT 1")
}

func largeReturningTooBig(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT)")
	t.failsAs("insert", drain(t.pool.QueryContext(t.ctx, largeInsert)), db.ErrTooBig)
	t.wantValue(t.pool, int64(12), "SELECT count(*) FROM t")
}

// endlessRefused checks that endless rows are refused as too many before a context ends them.
func endlessRefused(t *tester) {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	t.failsAs("rows", readUntil(t.pool, ctx, cancel), db.ErrTooBig)
	t.wantValue(t.pool, int64(1), "SELECT 1")
}

// refusedQuery returns a case in which a query with arguments fails.
func refusedQuery(text string, args ...any) func(*tester) {
	return func(t *tester) {
		t.refused(text, args...)
		t.equal("the number again", t.row(t.pool, "SELECT ?1, ?1", "a"), []any{"a", "a"})
	}
}

func badSQLPrepared(t *tester) {
	for _, text := range []string{"SELEC 1", "SELECT * FROM nowhere"} {
		_, err := t.prepare(t.pool, text).ExecContext(t.ctx)
		t.wantError(text, err, nil, 1, "")
	}
}

func noColumnTypes(t *tester) {
	t.setUp(typedTable)
	for _, query := range []string{"SELECT * FROM t", "SELECT id, s FROM t WHERE 0", "INSERT INTO t (id, s) VALUES (1, 'a') RETURNING *"} {
		for _, column := range t.types(query) {
			t.equal(column[0], column[1:], []string{"", "interface {}"})
		}
	}
}

func fewTimeTypes(t *tester) {
	when := instant(6, 7, 8, 123e6)
	for declared, want := range map[string]any{
		"DATETIME": when, "timestamp": when,
		"DATE": "2024-03-05 06:07:08.123", "DATETIME(6)": "2024-03-05 06:07:08.123", "TIMESTAMPTZ": "2024-03-05 06:07:08.123", "TIMESTAMP WITH TIME ZONE": "2024-03-05 06:07:08.123",
	} {
		t.setUp("CREATE TABLE t (at " + declared + ")")
		t.exec(t.pool, "INSERT INTO t VALUES (?)", when)
		t.equal(declared, t.value(t.pool, "SELECT at FROM t"), want)
		t.setUp("DROP TABLE t")
	}
}

func fewTimeForms(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	whole := instant(6, 7, 8, 0)
	for text, want := range map[string]any{
		"2024-03-05 06:07:08": whole, "2024-03-05 06:07:08+00:00": whole, "2024-03-05 06:07:08.5": whole.Add(500 * time.Millisecond),
		"2024-03-05T06:07:08Z": "2024-03-05T06:07:08Z", "2024-03-05 06:07:08 +0000 UTC": "2024-03-05 06:07:08 +0000 UTC",
	} {
		t.exec(t.pool, "INSERT INTO t VALUES (?)", text)
		got := t.value(t.pool, "SELECT at FROM t")
		if when, ok := got.(time.Time); ok { // in the zone of the text
			got = when.UTC()
		}
		t.equal(text, got, want)
		t.setUp("DELETE FROM t")
	}
}

func raisedWithoutCode(t *tester) {
	t.setUp("CREATE TABLE t (x)", "CREATE TRIGGER rules BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'no x, please'); END")
	_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('x')")
	t.wantError("insert", err, nil, 1, "no x, please")
}

func scriptWithoutState(t *tester) {
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p)")
	_, err := t.pool.ExecContext(t.ctx, "PRAGMA foreign_keys = OFF; INSERT INTO t VALUES (7); PRAGMA foreign_keys = ON")
	t.failsAs("script", err, db.ErrForeignKey)
	t.wantLetters(t.pool, "")
}

func connWithoutState(t *tester) {
	t.foreignKeyTables()
	conn := t.conn(t.pool)
	t.exec(conn, "PRAGMA foreign_keys = OFF")
	_, err := conn.ExecContext(t.ctx, "INSERT INTO t VALUES (7)")
	t.failsAs("insert", err, db.ErrForeignKey)
}
