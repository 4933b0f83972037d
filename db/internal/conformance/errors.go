package conformance

import (
	"errors"
	"strings"
	"unicode"

	"github.com/duolite/duolite/db"
)

var errorCases = []testCase{
	{"constraints", constraints},
	{"a constraint's table and columns", constraintColumns},
	{"a unique index on an expression", expressionIndex},
	{"RAISE in a trigger", raised},
	{"STRICT tables", strictType},
	{"errors of the text", textErrors},
	{"missing tables and columns", missing},
	{"errors of values", valueErrors},
	{"each error has one kind", oneKind},
	{"what an error quotes doesn't make its kind", quotedKinds},
	{"no arguments in errors", noArguments},
	{"no long texts in errors", shortErrors},
	{"one line", oneLineErrors},
	{"control characters in errors", controlCharacters},
	{"a failed statement did nothing", failedStatement},
	{"a row that fails", multiRowFails},
	{"errors in a script", scriptErrors},
	{"the pool goes on after errors", goesOn},
	{"full-text queries that are none", badQueries},
	{"errors of SQL around a full-text search", searchErrors},
}

// wantError checks the fields of a *db.Error. A nil kind means no kind. An empty message isn't
// compared.
func (t *tester) wantError(what string, err, kind error, code int, message string) *db.Error {
	t.Helper()
	var e *db.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v (%T), want a *db.Error", brief(what), err, err)
		return &db.Error{}
	}
	if e.Kind != kind || kind != nil && !errors.Is(err, kind) || e.Code != code || message != "" && e.Message != message {
		t.Errorf("%s: error %q of the kind %v with the code %d, want %q of the kind %v with the code %d",
			brief(what), e.Message, e.Kind, e.Code, message, kind, code)
	}
	return e
}

func textErrors(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, text := range []string{"SELEC 1", "SELECT (", "INSERT INTO t", "SELECT 'open", "SELECT 1 1 1", "CREATE TABLE t (x)", "SELECT nofunction(1)", "INSERT INTO t VALUES (1, 2)", "DROP TABLE nowhere", "CREATE INDEX i ON t (y)", "ROLLBACK TO nowhere"} {
		for _, way := range ways {
			t.wantError(way.name+" of "+text, way.run(t, text), nil, 1, "")
		}
	}
}

func missing(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for text, message := range map[string]string{
		"SELECT * FROM nowhere":              "no such table: nowhere",
		"INSERT INTO nowhere VALUES (1)":     "no such table: nowhere",
		`SELECT * FROM "database is locked"`: "no such table: database is locked",
		"SELECT missing FROM t":              "no such column: missing",
		"SELECT t.missing FROM t":            "no such column: t.missing",
		"UPDATE t SET missing = 1":           "no such column: missing",
		"INSERT INTO t (missing) VALUES (1)": "table t has no column named missing",
	} {
		for _, way := range ways {
			t.wantError(way.name+" of "+text, way.run(t, text), nil, 1, message)
		}
	}
}

func valueErrors(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)", "INSERT INTO t VALUES (1, 9223372036854775807)")
	for _, tt := range []struct {
		text    string
		kind    error
		code    int
		message string
	}{
		{"SELECT sum(n) FROM (SELECT n FROM t UNION ALL SELECT 1)", nil, 1, "integer overflow"},
		{"SELECT abs(-9223372036854775808)", nil, 1, "integer overflow"},
		{"INSERT INTO t VALUES ('x', 1)", nil, 20, "datatype mismatch"},
		{"SELECT * FROM t LIMIT 'x'", nil, 20, "datatype mismatch"},
		{"SELECT zeroblob(2000000000)", db.ErrTooBig, 18, "string or blob too big"},
		{"SELECT json('{')", nil, 1, "malformed JSON"},
		{"SELECT (SELECT 1, 2)", nil, 1, ""},
	} {
		for _, way := range ways {
			t.wantError(way.name+" of "+tt.text, way.run(t, tt.text), tt.kind, tt.code, tt.message)
		}
	}
}

// controlCharacters checks that text quoted by the engine is escaped.
func controlCharacters(t *tester) {
	const name = "n\x1b[31m\x7f\u009b\u202e\u2066\u200b\x01x"
	const escaped = `n\x1b[31m\x7f\u009b\u202e\u2066\u200b\x01x`
	t.setUp(
		`CREATE TABLE t ("`+name+`" UNIQUE, n CONSTRAINT "`+name+`" CHECK (n > 0))`,
		`INSERT INTO t VALUES (1, 1)`,
		`CREATE TRIGGER r BEFORE INSERT ON t WHEN NEW.n = 7 BEGIN SELECT RAISE(ABORT, '`+name+`'); END`,
	)
	for text, message := range map[string]string{
		`SELECT * FROM "` + name + `"`:                 "no such table: " + escaped,
		`SELECT t."` + name + `x" FROM t`:              "no such column: t." + escaped + "x",
		`SELECT "` + name + `"(1)`:                     "no such function: " + escaped,
		`INSERT INTO t VALUES (1, 2)`:                  "UNIQUE constraint failed: t." + escaped,
		`INSERT INTO t VALUES (2, 0)`:                  "CHECK constraint failed: " + escaped,
		`INSERT INTO t VALUES (2, 7)`:                  escaped,
		`ROLLBACK TO "` + name + `"`:                   "no such savepoint: " + escaped,
		`SELECT json_extract('{}', '$` + name + `["')`: "",
		`SELECT 1 ` + name:                             "",
		"SELECT \x1b[31m":                              "",
	} {
		for _, way := range ways {
			if err := way.run(t, text); t.fails(text, err) {
				if message != "" && err.Error() != message {
					t.Errorf("%s of %q: error %q, want %q", way.name, text, err, message)
				}
				if strings.ContainsFunc(err.Error(), func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }) {
					t.Errorf("%s of %q: the error %q has control characters", way.name, text, err)
				}
			}
		}
	}
}

// kinds are the kinds of errors that a statement may have.
var kinds = []error{
	db.ErrConfig, db.ErrUnique, db.ErrForeignKey, db.ErrNotNull, db.ErrCheck, db.ErrBusy, db.ErrReadOnly, db.ErrTooBig,
	db.ErrFull, db.ErrNotADatabase, db.ErrCorrupt, db.ErrCantOpen, db.ErrBadQuery, db.ErrUnauthorized, db.ErrUnavailable, db.ErrOutcomeUnknown, db.ErrTxLost,
}

func oneKind(t *tester) {
	t.setUpConstraints()
	for _, f := range failures {
		_, err := t.pool.ExecContext(t.ctx, f.statement)
		for _, kind := range kinds {
			if errors.Is(err, kind) != (kind == f.kind) {
				t.Errorf("%s: that it is of the kind %v is %t", f.statement, kind, kind != f.kind)
			}
		}
	}
}

func quotedKinds(t *tester) {
	t.setUp("CREATE TABLE t (x)",
		"CREATE TRIGGER rules BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'no: UNIQUE constraint failed, database is locked'); END")
	for _, text := range []string{"INSERT INTO t VALUES (1)", `SELECT * FROM "UNIQUE constraint failed: a.b"`, `SELECT "database is locked", missing FROM t`, "SELECT 'error code 401' nonsense nonsense"} {
		_, err := t.pool.ExecContext(t.ctx, text)
		if t.fails(text, err) {
			for _, kind := range kinds {
				if errors.Is(err, kind) {
					t.Errorf("%s: error %v is of the kind %v", text, err, kind)
				}
			}
		}
	}
}

// noArguments makes statements with an argument fail. Their errors must not contain the
// argument.
func noArguments(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT UNIQUE, n INTEGER CHECK (n > 0)) STRICT")
	const secret = "hunter2"
	t.exec(t.pool, "INSERT INTO t (x) VALUES (?)", secret)
	for _, tt := range []struct {
		text string
		args []any
	}{
		{"INSERT INTO t (x) VALUES (?)", []any{secret}},
		{"INSERT INTO t (x, n) VALUES (?, 0)", []any{secret + "a"}},
		{"INSERT INTO t (n) VALUES (?)", []any{secret}},
		{"INSERT INTO t (id) VALUES (?)", []any{secret}},
		{"INSERT INTO nowhere VALUES (?)", []any{secret}},
		{"SELEC ?", []any{secret}},
		{"SELECT ?", []any{secret, secret}},
		{"SELECT ?, ?", []any{secret}},
		{"SELECT :a, :b", []any{secret}},
		{"SELECT ?; SELECT ?", []any{secret, secret}},
		{"SELECT ?", []any{secret + "\xff"}},
		{"SELECT json(?)", []any{secret}},
		{"SELECT ?", []any{struct{ s string }{secret}}},
	} {
		for _, way := range ways {
			if err := way.run(t, tt.text, tt.args...); t.fails(tt.text, err) {
				for _, err := range chain(err) {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("%s of %s: the argument is in the error %q", way.name, tt.text, err)
					}
				}
			}
		}
	}
}

// chain returns an error and all errors that it wraps.
func chain(err error) []error {
	all := []error{err}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			all = append(all, chain(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if inner != nil {
				all = append(all, chain(inner)...)
			}
		}
	}
	return all
}

func shortErrors(t *tester) {
	t.setUpConstraints()
	long := " -- " + strings.Repeat("a very long comment ", 5000)
	for _, text := range []string{failures[0].statement, "SELECT * FROM nowhere", "SELEC 1"} {
		for _, way := range ways {
			if err := way.run(t, text+long); t.fails(text, err) && len(err.Error()) > 500 {
				t.Errorf("%s of %s: the error has %d bytes", way.name, text, len(err.Error()))
			}
		}
	}
}

func oneLineErrors(t *tester) {
	t.setUp("CREATE TABLE t (x CHECK (x <>\n 'x'))")
	for _, text := range []string{"INSERT INTO t\nVALUES ('x')", "SELEC\n1", "SELECT *\nFROM\nnowhere", "SELECT * FROM \"no\nwhere\""} {
		if _, err := t.pool.ExecContext(t.ctx, text); t.fails(text, err) && strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("%s: the error %q has several lines", text, err)
		}
	}
}

// failedStatement checks that the changes of a failed statement are undone.
func failedStatement(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)", "INSERT INTO t VALUES ('c')")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('x')")
	_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('a'), ('b'), ('c')")
	t.failsAs("insert", err, db.ErrUnique)
	_, err = tx.ExecContext(t.ctx, "UPDATE t SET x = 'd'")
	t.failsAs("update", err, db.ErrUnique)
	t.wantLetters(tx, "cx")
	t.commit(tx)
	t.wantLetters(t.pool, "cx")
}

func multiRowFails(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	for _, way := range ways {
		t.wantError(way.name, way.run(t, "INSERT INTO t VALUES ('a'), ('b'), ('a')"), db.ErrUnique, 2067, "UNIQUE constraint failed: t.x")
		t.wantError(way.name, way.run(t, "INSERT INTO t VALUES ('a'), ('b'), ('a') RETURNING x"), db.ErrUnique, 2067, "UNIQUE constraint failed: t.x")
	}
	t.wantLetters(t.pool, "")
}

func scriptErrors(t *tester) {
	t.setUpConstraints()
	for _, f := range failures {
		_, err := t.pool.ExecContext(t.ctx, "SELECT 1; "+f.statement+"; SELECT 2")
		e := t.wantError(f.statement, err, f.kind, f.code, f.message)
		t.equal(f.statement, e.Table, f.table)
	}
	_, err := t.pool.ExecContext(t.ctx, "SELECT 1; SELECT * FROM nowhere")
	t.wantError("no table", err, nil, 1, "no such table: nowhere")
}

// goesOn uses the pool's only connection again after an error, in each way of taking a
// connection from a pool.
func goesOn(t *tester) {
	t.setUpConstraints()
	t.pool.SetMaxOpenConns(1)
	for _, text := range []string{failures[0].statement, "SELEC 1", "SELECT * FROM nowhere", "SELECT zeroblob(2000000000)"} {
		_, err := t.pool.ExecContext(t.ctx, text)
		t.fails(text, err)
		conn := t.conn(t.pool)
		t.wantValue(conn, int64(1), "SELECT 1")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		t.fails(text, drain(t.pool.QueryContext(t.ctx, text)))
		tx := t.begin(t.pool, nil)
		t.wantValue(tx, int64(1), "SELECT 1")
		t.commit(tx)
		t.fails(text, drain(t.pool.QueryContext(t.ctx, text)))
		t.wantValue(t.pool, int64(1), "SELECT 1")
	}
}
