package conformance

import (
	"strings"

	"github.com/duolite/duolite/db"
)

const constraintTables = `
	CREATE TABLE authors (id INTEGER PRIMARY KEY);
	CREATE TABLE books (
		id     INTEGER PRIMARY KEY,
		title  TEXT NOT NULL UNIQUE,
		shelf  TEXT NOT NULL DEFAULT '',
		place  INTEGER,
		pages  INTEGER CHECK (pages > 0),
		price  INTEGER CONSTRAINT price_is_fair CHECK (price < 100),
		author INTEGER REFERENCES authors (id),
		UNIQUE (shelf, place)
	);
	CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;
	CREATE TABLE pairs (a, b, PRIMARY KEY (a, b));
	INSERT INTO books (id, title, shelf, place) VALUES (1, 'first', 'A', 1);
	INSERT INTO words VALUES ('first');
	INSERT INTO pairs VALUES (1, 2)`

// setUpConstraints creates tables with each kind of constraint.
func (t *tester) setUpConstraints() {
	t.Helper()
	for statement := range strings.SplitSeq(constraintTables, ";") {
		t.setUp(statement)
	}
}

// failures are statements that violate a constraint.
var failures = []struct {
	statement string
	kind      error
	code      int
	message   string
	table     string
	columns   []string
}{
	{"INSERT INTO books (title) VALUES ('first')", db.ErrUnique, 2067, "UNIQUE constraint failed: books.title", "books", []string{"title"}},
	{"INSERT INTO books (title, shelf, place) VALUES ('b', 'A', 1)", db.ErrUnique, 2067, "UNIQUE constraint failed: books.shelf, books.place", "books", []string{"shelf", "place"}},
	{"INSERT INTO books (id, title) VALUES (1, 'b')", db.ErrUnique, 2067, "UNIQUE constraint failed: books.id", "books", []string{"id"}},
	{"INSERT INTO words VALUES ('first')", db.ErrUnique, 2067, "UNIQUE constraint failed: words.word", "words", []string{"word"}},
	{"INSERT INTO pairs VALUES (1, 2)", db.ErrUnique, 2067, "UNIQUE constraint failed: pairs.a, pairs.b", "pairs", []string{"a", "b"}},
	{"INSERT INTO books (title, author) VALUES ('b', 7)", db.ErrForeignKey, 787, "FOREIGN KEY constraint failed", "", nil},
	{"INSERT INTO books (title) VALUES (NULL)", db.ErrNotNull, 1299, "NOT NULL constraint failed: books.title", "books", []string{"title"}},
	{"UPDATE books SET shelf = NULL", db.ErrNotNull, 1299, "NOT NULL constraint failed: books.shelf", "books", []string{"shelf"}},
	{"INSERT INTO books (title, pages) VALUES ('b', 0)", db.ErrCheck, 275, "CHECK constraint failed: pages > 0", "", nil},
	{"INSERT INTO books (title, price) VALUES ('b', 100)", db.ErrCheck, 275, "CHECK constraint failed: price_is_fair", "", nil},
}

func constraints(t *tester) {
	t.setUpConstraints()
	for _, f := range failures {
		for _, way := range ways {
			t.wantError(way.name+" of "+f.statement, way.run(t, f.statement), f.kind, f.code, f.message)
			t.wantError(way.name+" of "+f.statement+" RETURNING", way.run(t, f.statement+" RETURNING 1"), f.kind, f.code, f.message)
		}
	}
	t.wantValue(t.pool, int64(1), "SELECT count(*) FROM books")
}

func constraintColumns(t *tester) {
	t.setUpConstraints()
	for _, f := range failures {
		_, err := t.pool.ExecContext(t.ctx, f.statement)
		e := t.wantError(f.statement, err, f.kind, f.code, f.message)
		t.equal(f.statement, e.Table, f.table)
		if len(e.Columns) != 0 || len(f.columns) != 0 {
			t.equal(f.statement, e.Columns, f.columns)
		}
	}
}

func expressionIndex(t *tester) {
	t.setUp("CREATE TABLE t (x)", "CREATE UNIQUE INDEX t_lower ON t (lower(x))", "INSERT INTO t VALUES ('a')")
	_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('A')")
	e := t.wantError("insert", err, db.ErrUnique, 2067, "UNIQUE constraint failed: index 't_lower'")
	if e.Table != "" || len(e.Columns) > 0 {
		t.Errorf("the error names the table %q and the columns %q", e.Table, e.Columns)
	}
}

func raised(t *tester) {
	t.setUp("CREATE TABLE t (x)",
		"CREATE TRIGGER rules BEFORE INSERT ON t WHEN NEW.x = 'x' BEGIN SELECT RAISE(ABORT, 'no x, please'); END",
		"CREATE TRIGGER fails BEFORE INSERT ON t WHEN NEW.x = 'y' BEGIN SELECT RAISE(FAIL, 'no y: really'); END")
	for _, way := range ways {
		t.wantError(way.name, way.run(t, "INSERT INTO t VALUES ('x')"), nil, 1811, "no x, please")
		t.wantError(way.name, way.run(t, "INSERT INTO t VALUES ('y')"), nil, 1811, "no y: really")
	}
	t.wantLetters(t.pool, "")
}

func strictType(t *tester) {
	t.setUp("CREATE TABLE t (n INTEGER, x TEXT) STRICT")
	for _, way := range ways {
		t.wantError(way.name, way.run(t, "INSERT INTO t (n) VALUES (?)", "many"), nil, 3091, "cannot store TEXT value in INTEGER column t.n")
	}
	t.wantLetters(t.pool, "")
}
