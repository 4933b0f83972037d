package sqlite

import (
	"database/sql/driver"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
	sqlite3 "modernc.org/sqlite/lib"
)

func TestValues(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	long := strings.Repeat("é", 64<<10)
	s := prepare(t, c, sqltext.Read, "SELECT ?, typeof(?2), hex(?2), ?3, ?4")
	for range 2 { // the second time, with memory that was used
		for _, tt := range []struct {
			value driver.Value
			kind  string
		}{
			{nil, "null"}, {int64(0), "integer"}, {int64(math.MinInt64), "integer"}, {int64(math.MaxInt64), "integer"},
			{0.5, "real"}, {math.MaxFloat64, "real"}, {1.0, "real"},
			{"", "text"}, {"text", "text"}, {"a\x00b", "text"}, {long, "text"},
			{[]byte{}, "blob"}, {[]byte{0}, "blob"}, {[]byte(long), "blob"},
		} {
			r, err := s.Query(t.Context(), []driver.Value{tt.value, tt.value, "beside", []byte("it")})
			must(t, err)
			row := readRows(t, r)[0]
			check(t, tt.kind, row[0], tt.value)
			check(t, tt.kind, row[1], any(tt.kind))
			check(t, tt.kind, row[3], any("beside"))
			check(t, tt.kind, row[4], any([]byte("it")))
		}
	}
	check(t, "memory that is kept is large", s.(*stmt).args.Large(), false)
	check(t, "a nil []byte", query(t, c, "SELECT ?", []byte(nil))[0][0], nil)
	_, err := s.Query(t.Context(), nil)
	checkKind(t, "too few values", err, nil, 25)
}

// TestBoundBefore binds values one after the other, each after every other.
func TestBoundBefore(t *testing.T) {
	t.Parallel()
	s := prepare(t, memory1(t), sqltext.Read, "SELECT ?, ?2, 'end'")
	long := strings.Repeat("a", 64<<10)
	values := []driver.Value{nil, int64(0), int64(1), 1.0, "1", []byte("1"), "", []byte{}, long}
	for _, before := range values {
		for _, value := range values {
			for _, row := range [][]driver.Value{{before, int64(1)}, {value, int64(1)}, {int64(1), value}} {
				r, err := s.Query(t.Context(), row)
				must(t, err)
				check(t, "row", readRows(t, r), [][]driver.Value{{row[0], row[1], "end"}})
			}
		}
	}
}

// TestCompiledOnce counts how often SQLite compiles a statement again which it has
// compiled for the value of its limit.
func TestCompiledOnce(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	mustExec(t, c, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1), (2), (3), (4)")
	s := prepare(t, c, sqltext.Read, "SELECT id FROM t WHERE id > ? ORDER BY id LIMIT ?").(*stmt)
	compiled := func() int32 {
		return sqlite3.Xsqlite3_stmt_status(c.tls, s.handle, sqlite3.SQLITE_STMTSTATUS_REPREPARE, 1)
	}
	page := func(after, limit int64, want ...[]driver.Value) {
		t.Helper()
		r, err := s.Query(t.Context(), []driver.Value{after, limit})
		must(t, err)
		check(t, "page", readRows(t, r), want)
	}
	first, second := [][]driver.Value{{int64(1)}, {int64(2)}}, [][]driver.Value{{int64(3)}, {int64(4)}}
	page(0, 2, first...)
	compiled()
	for range 3 {
		page(0, 2, first...)
		page(2, 2, second...)
	}
	check(t, "compiled again for the same limit", compiled(), 0)
	page(0, 1, first[0])
	check(t, "compiled again for another limit", compiled(), 1)
	page(0, 2, first...)
	check(t, "compiled again for the one before", compiled(), 1)
}

// TestPlannedOnce counts how often SQLite compiles a statement again that finds rows by an index with
// the statistics of another program's ANALYZE, and looks for such statistics after our own.
func TestPlannedOnce(t *testing.T) {
	t.Parallel()
	other := openOther(t)
	_, err := other.pool.Exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, n); CREATE INDEX i ON t (n);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, i / 10 FROM n; ANALYZE`)
	must(t, err)
	c := connect(t, New(Config{Path: other.path, Mode: ReadWrite}))
	check(t, "statistics", query(t, c, "SELECT count(*) > 0 FROM sqlite_stat4"), [][]driver.Value{{int64(1)}})
	s := prepare(t, c, sqltext.Read, "SELECT count(*) FROM t WHERE n = ?").(*stmt)
	for n := range int64(5) {
		r, err := s.Query(t.Context(), []driver.Value{n + 1})
		must(t, err)
		check(t, "rows", readRows(t, r), [][]driver.Value{{int64(10)}})
	}
	check(t, "compiled again", sqlite3.Xsqlite3_stmt_status(c.tls, s.handle, sqlite3.SQLITE_STMTSTATUS_REPREPARE, 0), 0)
	mustExec(t, c, "ANALYZE")
	check(t, "statistics of our own", query(t, c, "SELECT count(*) FROM sqlite_stat4"), [][]driver.Value{{int64(0)}})
	check(t, "sizes", query(t, c, "SELECT stat FROM sqlite_stat1"), [][]driver.Value{{"1000 10"}})
}

// TestValuesAreCopies reads on, and looks at what was read before.
func TestValuesAreCopies(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	all := query(t, c, "VALUES ('first', x'01'), ('secnd', x'02'), ('third', x'03')")
	check(t, "rows", all, [][]driver.Value{{"first", []byte{1}}, {"secnd", []byte{2}}, {"third", []byte{3}}})
}

// TestRowsAffectedAndID runs each statement after one that inserted the rowid 77.
func TestRowsAffectedAndID(t *testing.T) {
	t.Parallel()
	insert, change := sqltext.Insert, sqltext.Change
	for _, tt := range []struct {
		kind sqltext.Kind
		text string
		want engine.Result
	}{
		{insert, "INSERT INTO t (name) VALUES ('b')", engine.Result{RowsAffected: 1, LastInsertID: 2}},
		{insert, "INSERT INTO t (name) VALUES ('b'), ('c')", engine.Result{RowsAffected: 2, LastInsertID: 3}},
		{insert, "INSERT INTO t VALUES (77, 'b')", engine.Result{RowsAffected: 1, LastInsertID: 77}}, // as before, in another table
		{insert, "INSERT INTO t VALUES (-5, 'b')", engine.Result{RowsAffected: 1, LastInsertID: -5}},
		{insert, "INSERT INTO t VALUES (0, 'b')", engine.Result{RowsAffected: 1}},
		{insert, "INSERT OR IGNORE INTO t (name) VALUES ('a')", engine.Result{}},
		{insert, "INSERT INTO t (name) VALUES ('a') ON CONFLICT DO NOTHING", engine.Result{}},
		{insert, "INSERT INTO t (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET name = 'b'", engine.Result{RowsAffected: 1}},
		{insert, "INSERT INTO t (name) VALUES ('a'), ('b') ON CONFLICT (name) DO UPDATE SET name = 'c'", engine.Result{RowsAffected: 2, LastInsertID: 2}},
		{insert, "INSERT INTO t VALUES (77, 'b') ON CONFLICT (name) DO UPDATE SET name = 'c'", engine.Result{RowsAffected: 1, LastInsertID: 77}},
		{insert, "INSERT INTO t VALUES (77, 'b'), (9, 'b') ON CONFLICT (name) DO UPDATE SET name = 'c'", engine.Result{RowsAffected: 2, LastInsertID: 77}},
		{insert, "INSERT INTO traced VALUES (5) ON CONFLICT DO UPDATE SET x = 6", engine.Result{RowsAffected: 1, LastInsertID: 1}},
		{insert, "INSERT INTO words VALUES ('a') ON CONFLICT DO UPDATE SET word = 'b'", engine.Result{RowsAffected: 1}},
		{insert, "INSERT INTO words VALUES ('b') ON CONFLICT DO UPDATE SET word = 'c'", engine.Result{RowsAffected: 1}},
		{insert, "INSERT INTO search (rowid, body) VALUES (77, 'b')", engine.Result{RowsAffected: 1, LastInsertID: 77}},
		{insert, "INSERT INTO search (body) VALUES ('conflict DO UPDATE')", engine.Result{RowsAffected: 1, LastInsertID: 1}},
		{insert, "INSERT INTO indexed (name) VALUES ('a') ON CONFLICT DO UPDATE SET n = n + 1", engine.Result{RowsAffected: 1}},
		{insert, "REPLACE INTO t (name) VALUES ('a')", engine.Result{RowsAffected: 1, LastInsertID: 2}},
		{insert, "INSERT INTO t SELECT 9, 'b' WHERE 0", engine.Result{}},
		{insert, "INSERT INTO words VALUES ('b')", engine.Result{RowsAffected: 1}},
		{insert, "INSERT INTO traced VALUES (5)", engine.Result{RowsAffected: 1, LastInsertID: 1}}, // and a trigger's rowid 500
		{insert, "INSERT INTO view VALUES ('b')", engine.Result{}},                                 // only a trigger's
		{insert, "INSERT INTO t VALUES (last_insert_rowid() + 1, 'b')", engine.Result{RowsAffected: 1, LastInsertID: 78}},
		{insert, "INSERT INTO t VALUES (LAST_INSERT_ROWID(), 'b')", engine.Result{RowsAffected: 1, LastInsertID: 77}},
		{insert, "INSERT OR IGNORE INTO t SELECT last_insert_rowid(), 'a'", engine.Result{}},
		{change, "UPDATE t SET name = 'b'", engine.Result{RowsAffected: 1}},
		{change, "UPDATE t SET name = 'b' WHERE 0", engine.Result{}},
		{change, "DELETE FROM t", engine.Result{RowsAffected: 1}},
		{sqltext.Other, "CREATE TABLE u AS SELECT * FROM t", engine.Result{}},
		{sqltext.Other, "DROP TABLE t", engine.Result{}},
		{sqltext.Read, "SELECT * FROM t", engine.Result{}},
	} {
		c := memory1(t)
		mustExec(t, c,
			"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)", "INSERT INTO t VALUES (1, 'a')",
			"CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID", "INSERT INTO words VALUES ('a')",
			"CREATE TABLE log (id INTEGER PRIMARY KEY)", "CREATE TABLE traced (x)",
			"CREATE TRIGGER trace AFTER INSERT ON traced BEGIN INSERT INTO log VALUES (new.x * 100); END",
			"CREATE VIEW view AS SELECT name FROM t",
			"CREATE TRIGGER write INSTEAD OF INSERT ON view BEGIN INSERT INTO t (name) VALUES (new.name); END",
			"CREATE VIRTUAL TABLE search USING fts5(body)",
			"CREATE TABLE indexed (name UNIQUE, n DEFAULT 0)", "INSERT INTO indexed (name) VALUES ('a')",
			"CREATE TRIGGER index_update AFTER UPDATE ON indexed BEGIN INSERT INTO search (body) VALUES (new.name); END",
			"CREATE TABLE other (id INTEGER PRIMARY KEY)", "INSERT INTO other VALUES (77)")
		check(t, tt.text, exec(t, c, tt.kind, tt.text), tt.want)
		visible := tt.want.LastInsertID
		if visible == 0 && !strings.Contains(tt.text, "(0,") {
			visible = 77
		}
		check(t, tt.text+": last_insert_rowid()", get(t, c, "SELECT last_insert_rowid()"), any(visible))
	}
}

// TestExecAgain runs a statement several times, also after an error.
func TestExecAgain(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	mustExec(t, c, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
	s := prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (?, ?)")
	for id := int64(1); id <= 3; id++ {
		result, err := s.Exec(t.Context(), []driver.Value{id, "a"})
		must(t, err)
		check(t, "result", result, engine.Result{RowsAffected: 1, LastInsertID: id})
		_, err = s.Exec(t.Context(), []driver.Value{id, "b"})
		checkKind(t, "the same again", err, engine.ErrUnique, engine.CodePrimaryKey)
	}
	check(t, "rows", get(t, c, "SELECT group_concat(id || name) FROM t"), any("1a,2a,3a"))
}

func TestColumns(t *testing.T) {
	t.Parallel()
	d := New(fileConfig(t, 0))
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (id INTEGER PRIMARY KEY, name varchar(9))", "INSERT INTO t VALUES (1, 'a')")
	s := prepare(t, c, sqltext.Read, "SELECT *, 1 + 1, name AS other FROM t")
	columns := func(what string, want ...engine.Column) []engine.Column {
		t.Helper()
		r, err := s.Query(t.Context(), nil)
		must(t, err)
		check(t, what, r.Columns(), want)
		check(t, what+": values", len(readRows(t, r)[0]), len(want))
		return r.Columns()
	}
	id, name := engine.Column{Name: "id", Declared: "INTEGER"}, engine.Column{Name: "name", Declared: "varchar(9)"}
	sum, other := engine.Column{Name: "1 + 1"}, engine.Column{Name: "other", Declared: "varchar(9)"}
	first := columns("at first", id, name, sum, other)
	second := columns("again", id, name, sum, other)
	check(t, "read once", &first[0] == &second[0], true)

	// Changed by another connection, so that SQLite finds out at the first step.
	mustExec(t, reconnect(t, d), "ALTER TABLE t ADD COLUMN size REAL", "ALTER TABLE t RENAME COLUMN id TO number")
	number, size := engine.Column{Name: "number", Declared: "INTEGER"}, engine.Column{Name: "size", Declared: "REAL"}
	columns("after a change", number, name, size, sum, other)
	// As many columns as before, of other types.
	mustExec(t, c, "DROP TABLE t", "CREATE TABLE t (number TEXT, name BLOB, size)", "INSERT INTO t VALUES (1, 2, 3)")
	columns("after another", engine.Column{Name: "number", Declared: "TEXT"}, engine.Column{Name: "name", Declared: "BLOB"},
		engine.Column{Name: "size"}, sum, engine.Column{Name: "other", Declared: "BLOB"})
	check(t, "of no rows", len(query(t, c, "SELECT * FROM t WHERE 0")), 0)
}

func TestTexts(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	for _, tt := range []struct{ text, want string }{
		{"SELEC 1", `near "SELEC": syntax error`},
		{"SELECT * FROM nowhere", "no such table: nowhere"},
		{"SELECT 1; SELECT 2", "more than one statement, where there may be one only"},
		{"SELECT 1;\n -- more\n", "more than one statement, where there may be one only"},
		{"SELECT 1\x00; DROP TABLE t", "the statement has a NUL character in it"},
	} {
		_, err := c.Prepare(t.Context(), statement(sqltext.Other, tt.text))
		checkKind(t, tt.text, err, nil, 1)
		if err != nil {
			check(t, tt.text, err.Error(), tt.want)
		}
		var own *Error
		check(t, tt.text, errors.As(err, &own) && own.Code() == 1 && own.Error() == tt.want, true)
	}
	for _, text := range []string{"", " ", "-- nothing", "/* nothing */"} {
		s := prepare(t, c, sqltext.Other, text)
		must(t, s.Check(t.Context()))
		result, err := s.Exec(t.Context(), nil)
		must(t, err)
		check(t, text, result, engine.Result{})
		r, err := s.Query(t.Context(), nil)
		must(t, err)
		check(t, text, len(r.Columns()), 0)
		if err := r.Next(nil); err != io.EOF {
			t.Errorf("%q: got error %v, want io.EOF", text, err)
		}
		must(t, r.Close())
	}
	_, err := prepare(t, c, sqltext.Read, "SELECT abs(-9223372036854775808)").Query(t.Context(), nil)
	checkKind(t, "an error of the first row", err, nil, 1)
	check(t, "text", err.Error(), "integer overflow")
	r, err := prepare(t, c, sqltext.Read, "SELECT abs(column1) FROM (VALUES (1), (-9223372036854775808))").Query(t.Context(), nil)
	must(t, err)
	dest := make([]driver.Value, 1)
	must(t, r.Next(dest))
	checkKind(t, "an error of the second row", r.Next(dest), nil, 1)
	must(t, r.Close())
}

// TestNoReadStaysOpen is about what a query would keep from others if it weren't over
// when its rows are.
func TestNoReadStaysOpen(t *testing.T) {
	t.Parallel()
	c := connect(t, New(fileConfig(t, 0)))
	mustExec(t, c, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1), (2)")
	s := prepare(t, c, sqltext.Read, "SELECT x FROM t WHERE x > ?")
	dest := make([]driver.Value, 1)
	for name, read := range map[string]func(engine.Rows){
		"closed": func(r engine.Rows) { must(t, r.Next(dest)); must(t, r.Close()) },
		"at the end": func(r engine.Rows) {
			for r.Next(dest) == nil {
			}
		},
	} {
		r, err := s.Query(t.Context(), []driver.Value{int64(0)})
		must(t, err)
		read(r)
		check(t, name+": what others may not undo", query(t, c, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0], any(int64(0)))
		if err := r.Next(dest); err != io.EOF {
			t.Errorf("%s: got error %v, want io.EOF", name, err)
		}
	}
}

// TestRowsAgain wants a statement's rows to need no memory from run to run, and to hold on
// to no context.
func TestRowsAgain(t *testing.T) {
	s := prepare(t, memory1(t), sqltext.Read, "SELECT 1 UNION ALL SELECT 2").(*stmt)
	dest := make([]driver.Value, 1)
	for rows := range 4 { // so many calls of Next, before Close
		run := func() {
			r, err := s.Query(t.Context(), nil)
			must(t, err)
			for range rows {
				r.Next(dest)
			}
			must(t, r.Close())
		}
		if n := testing.AllocsPerRun(10, run); n != 0 {
			t.Errorf("a run with %d calls of Next has %v allocations, want none", rows, n)
		}
		if s.rows.call.ctx != nil || s.c.call.ctx != nil || s.open != nil {
			t.Errorf("after a run with %d calls of Next: rows %+v", rows, s.rows)
		}
	}
}
