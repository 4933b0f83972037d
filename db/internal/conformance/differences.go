package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db"
)

// A Difference is a behaviour of some engines that differs from the suite's requirement.
type Difference struct {
	// Key is the name by which an engine declares the difference.
	Key string
	// Engines are the engines of this project that have the difference.
	Engines []string
	// Contract is the behaviour of the other engines.
	Contract string
	// Instead is the behaviour of these engines.
	Instead string
	// Why is the reason.
	Why string

	// cases replace the suite's cases of the same names, TOPIC/CASE, for an engine that
	// declares the difference. Each fails if the engine doesn't have the difference.
	cases []testCase
}

// Cases returns the names of the cases that assert the difference.
func (d Difference) Cases() (names []string) {
	for _, c := range d.cases {
		names = append(names, c.name)
	}
	return names
}

// The names of this project's engines.
const (
	SQLite       = "sqlite"
	SQLiteMemory = "sqlite-memory"
	LibSQL       = "libsql"
	LibSQLGo     = "libsql-client-go"
	// Replica is LibSQL with a local copy.
	Replica = "replica"
)

// Differences returns all known differences.
func Differences() []Difference {
	remote := []string{LibSQL, LibSQLGo}
	served := append(remote[:2:2], Replica)
	all := []Difference{
		{
			Key: "value-size", Engines: remote,
			Contract: "A text or blob may have up to 1,000,000,000 bytes.",
			Instead:  "A value or argument of more than 5,000,000 bytes is ErrTooBig.",
			Why:      "The server has a limit.",
			cases:    []testCase{{"limits/a value of more than 5,000,000 bytes", tooLargeRefused}},
		},
		{
			Key: "infinity", Engines: []string{LibSQL},
			Contract: "A result that is too large for a float is ±Inf.",
			Instead:  "It is an error.",
			Why:      "JSON, which some servers have alone, has no infinity.",
			cases:    []testCase{{"limits/an infinity as a result", infinityRefused}},
		},
		{
			Key: "large-returning", Engines: []string{LibSQL, Replica},
			Contract: "The rows of an INSERT, UPDATE or DELETE with RETURNING may have any size.",
			Instead:  "Rows of more than 10 MB are ErrTooBig, although the statement has run. The error is also ErrOutcomeUnknown, since the program must check before it repeats the statement. (The rows of a SELECT may have any size.)",
			Why:      "The server has a limit, and knows the size only after it has run the statement.",
			cases:    []testCase{{"limits/RETURNING of 12 MB", largeReturningDone}},
		},
		{
			Key: "abandoned-write", Engines: served,
			Contract: "A statement that waits for a lock when its context ends is never run.",
			Instead:  "A write outside of a transaction runs when the lock is free. The error is the context's error and ErrOutcomeUnknown.",
			Why:      "The server doesn't check whether a client still waits for its reply.",
			cases:    []testCase{{"contention/a writer that waits gives up with its context", abandonedWrite}},
		},
		{
			Key: "stored-utf8", Engines: remote,
			Contract: "A text in the database that isn't valid UTF-8 is read unchanged. (As an argument it is refused.)",
			Instead:  "It is an error; CAST(x AS BLOB) reads it.",
			Why:      "The protocol's texts are UTF-8.",
			cases:    []testCase{{"limits/a text that isn't UTF-8 in the database", storedNotUTF8Refused}},
		},
		{
			Key: "sqlite-version", Engines: remote,
			Contract: "SQL has the syntax and functions of the newest SQLite, such as 1_000, string_agg(x, ',' ORDER BY x), if() and unistr().",
			Instead:  "SQL has the syntax and functions of SQLite 3.45, as far as the server's own parser supports them.",
			Why:      "The server's SQLite is older, and its own parser reads a statement first.",
			cases: []testCase{
				{"limits/the newest syntax", unknown("SELECT 1_000", "SELECT string_agg(x, ',' ORDER BY x) FROM (SELECT 'b' AS x)")},
				{"limits/the newest functions", unknown("SELECT if(1, 'a', 'b')", "SELECT unistr('\\00e9')")},
			},
		},
		{
			Key: "id-without-rowid", Engines: []string{LibSQL, Replica},
			Contract: "LastInsertId of an INSERT into a table WITHOUT ROWID is 0.",
			Instead:  "It is the rowid of the connection's last INSERT into another table.",
			Why:      "The server sends this number without its table.",
			cases:    []testCase{{"results/no id without a rowid", staleID}},
		},
		{
			Key: "server-statements", Engines: served,
			Contract: "VACUUM, ANALYZE, ATTACH, temporary tables and all PRAGMAs work.",
			Instead:  "They are errors, except for some PRAGMAs, such as foreign_keys, defer_foreign_keys, user_version, table_info and integrity_check.",
			Why:      "The server refuses them, since other clients use the database too.",
			cases: []testCase{
				{"limits/PRAGMAs that set up a connection", unknown(connPragmas...)},
				{"limits/VACUUM", unknown("VACUUM")},
				{"limits/ANALYZE", unknown("ANALYZE")},
				{"limits/ATTACH", unknown("ATTACH ':memory:' AS other")},
				{"limits/temporary tables", unknown("CREATE TEMP TABLE t (x)", "CREATE TEMPORARY TABLE t AS SELECT 1")},
			},
		},
		{
			Key: "connection-options", Engines: served,
			Contract: "WithAfterConnect sets each connection up, and SQL calls the functions, aggregates and collations in Go of WithFunction, WithAggregate, WithCollation and WithRegexp.",
			Instead:  "The options are errors of Open.",
			Why:      "The server's connections keep no settings and can't call the program. With a replica a statement runs on the copy or on the server.",
			cases: []testCase{
				{"connection/SQL when a connection opens", localOptionsRefused},
				{"connection/functions in Go", localOptionsRefused},
			},
		},
	}
	return slices.Concat(all, functionDifferences(), replicaDifferences(), clientGoDifferences())
}

// DifferencesOf returns the keys of the differences of an engine of this project.
func DifferencesOf(engine string) (keys []string) {
	for _, d := range Differences() {
		if slices.Contains(d.Engines, engine) {
			keys = append(keys, d.Key)
		}
	}
	return keys
}

// declared returns the replaced cases, by name, for an engine with these differences.
func declared(keys []string) (map[string]func(*tester), error) {
	instead := map[string]func(*tester){}
	for _, key := range keys {
		i := slices.IndexFunc(Differences(), func(d Difference) bool { return d.Key == key })
		if i < 0 {
			return nil, fmt.Errorf("there is no difference %q", key)
		}
		for _, c := range Differences()[i].cases {
			if instead[c.name] != nil {
				return nil, fmt.Errorf("two differences, one of them %q, are about the case %q", key, c.name)
			}
			instead[c.name] = c.run
		}
	}
	return instead, nil
}

// Table returns the differences as Markdown, the content of docs/differences.md.
func Table() string {
	var table strings.Builder
	table.WriteString(`# Differences between engines

All other behaviour is the same with every URL. The engines are: sqlite is a file,
sqlite-memory a database in memory, libsql a server through this project's client, replica
the same with a local copy, and libsql-client-go a server through that client. The last column
has the cases of package db/internal/conformance that assert the difference. They fail if an engine no longer
has it.

`)
	table.WriteString("| Engine | Behaviour | Behaviour elsewhere | Reason | Asserted by |\n|---|---|---|---|---|\n")
	for _, d := range Differences() {
		cells := []string{strings.Join(d.Engines, ", "), d.Instead, d.Contract, d.Why, strings.Join(d.Cases(), "; ")}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(&table, "| %s |\n", strings.Join(cells, " | "))
	}
	return table.String() + functionTable()
}

// abandonedWrite checks that a write is applied although its context has ended, and that its
// error is ErrOutcomeUnknown.
func abandonedWrite(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.open(), nil)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	ctx, cancel := context.WithTimeout(t.ctx, 200*time.Millisecond)
	defer cancel()
	_, err := t.pool.ExecContext(ctx, "INSERT INTO t VALUES ('x')")
	t.failsAs("Exec", err, context.DeadlineExceeded)
	t.failsAs("Exec", err, db.ErrOutcomeUnknown)
	t.commit(tx)
	for deadline := time.Now().Add(20 * time.Second); t.value(t.pool, "SELECT count(*) FROM t") != int64(2); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it isn't done")
		}
	}
	t.wantLetters(t.pool, "ax")
	t.wantIdle()
}

// largeReturningDone checks that a write whose reply is too large is applied, and that its
// error is ErrOutcomeUnknown.
func largeReturningDone(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT)")
	err := drain(t.pool.QueryContext(t.ctx, largeInsert))
	if t.failsAs("insert", err, db.ErrTooBig) && !errors.Is(err, db.ErrOutcomeUnknown) {
		t.Errorf("the error isn't one to look after: %v", err)
	}
	t.wantValue(t.pool, int64(12), "SELECT count(*) FROM t")
}

func staleID(t *tester) {
	t.setUp("CREATE TABLE t (x PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE u (x)")
	t.pool.SetMaxOpenConns(1)
	t.wantResult(t.pool, 1, 1, "INSERT INTO u VALUES ('a')")
	t.wantResult(t.pool, 1, 1, "INSERT INTO t VALUES ('a')")
}
