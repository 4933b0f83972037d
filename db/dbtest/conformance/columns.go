package conformance

import (
	"database/sql"
	"strings"
)

var columnCases = []testCase{
	{"declared and Go types", []int{44}, columnTypes},
	{"declared types have upper case and no numbers", []int{44}, declaredTypes},
	{"expressions have no declared type", []int{44}, expressionTypes},
	{"types of a result without rows", []int{44}, emptyTypes},
	{"NULL or not isn't known", []int{44}, nullable},
	{"names", nil, columnNames},
	{"names are the caller's own", nil, ownNames},
	{"names that occur twice", nil, duplicateNames},
	{"names of quoted identifiers", nil, quotedNames},
	{"names of expressions", nil, expressionNames},
	{"columns of RETURNING", []int{44}, returningColumns},
	{"a statement without columns", nil, noColumns},
	{"a thousand columns", nil, manyColumns},
	{"one result set", []int{30}, oneResultSet},
}

// types returns of each column the name, the declared type and the type to scan into.
func (t *tester) types(query string) (types [][3]string) {
	t.Helper()
	rows, err := t.pool.QueryContext(t.ctx, query)
	if err != nil {
		t.Fatalf("%s: %v", brief(query), err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		t.Fatalf("%s: %v", brief(query), err)
	}
	for _, c := range columns {
		types = append(types, [3]string{c.Name(), c.DatabaseTypeName(), c.ScanType().String()})
	}
	return types
}

const typedTable = `CREATE TABLE t (
	id INTEGER PRIMARY KEY, n INT, big BIGINT, r REAL, d DOUBLE PRECISION, s TEXT NOT NULL, v VARCHAR(20), b BLOB,
	yes BOOLEAN, no bool, day date, at DATETIME, stamp timestamp, other)`

func columnTypes(t *tester) {
	t.setUp(typedTable, "INSERT INTO t (id, s) VALUES (1, 'a')")
	t.equal("types", t.types("SELECT * FROM t"), [][3]string{
		{"id", "INTEGER", "int64"}, {"n", "INT", "int64"}, {"big", "BIGINT", "int64"},
		{"r", "REAL", "float64"}, {"d", "DOUBLE PRECISION", "float64"},
		{"s", "TEXT", "string"}, {"v", "VARCHAR", "string"}, {"b", "BLOB", "[]uint8"},
		{"yes", "BOOLEAN", "bool"}, {"no", "BOOL", "bool"},
		{"day", "DATE", "time.Time"}, {"at", "DATETIME", "time.Time"}, {"stamp", "TIMESTAMP", "time.Time"},
		{"other", "", "interface {}"},
	})
}

func declaredTypes(t *tester) {
	t.setUp("CREATE TABLE t (a varchar(20), b Decimal(10, 2), c datetime(6), d Timestamp With Time Zone, e integer)")
	t.equal("types of the table", names(t.types("SELECT * FROM t"), 1), []string{"VARCHAR", "DECIMAL", "DATETIME", "TIMESTAMP WITH TIME ZONE", "INTEGER"})
	t.setUp("CREATE VIEW v AS SELECT c AS x, e FROM t")
	t.equal("types of a view", t.types("SELECT * FROM v"), [][3]string{{"x", "DATETIME", "time.Time"}, {"e", "INTEGER", "int64"}})
}

// names returns one of the three things known of each column.
func names(types [][3]string, which int) (names []string) {
	for _, column := range types {
		names = append(names, column[which])
	}
	return names
}

func expressionTypes(t *tester) {
	t.setUp(typedTable)
	t.equal("types", t.types("SELECT id + 1 AS a, count(*) AS b, 'x' AS c, NULL AS d FROM t"), [][3]string{
		{"a", "", "interface {}"}, {"b", "", "interface {}"}, {"c", "", "interface {}"}, {"d", "", "interface {}"},
	})
}

func emptyTypes(t *tester) {
	t.setUp(typedTable)
	t.equal("types", t.types("SELECT id, s, at FROM t WHERE 0"), [][3]string{{"id", "INTEGER", "int64"}, {"s", "TEXT", "string"}, {"at", "DATETIME", "time.Time"}})
}

func nullable(t *tester) {
	t.setUp(typedTable)
	rows, err := t.pool.QueryContext(t.ctx, "SELECT id, n, s, id + 1 FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		if _, ok := c.Nullable(); ok {
			t.Errorf("%s: it is known whether it can be NULL", c.Name())
		}
	}
}

// wantColumns wants the names of a query's columns.
func (t *tester) wantColumns(query string, want ...string) {
	t.Helper()
	rows, err := t.pool.QueryContext(t.ctx, query)
	if err != nil {
		t.Fatalf("%s: %v", brief(query), err)
	}
	defer rows.Close()
	got, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 0 || len(want) != 0 { // whether none is nil doesn't matter
		t.equal(brief(query), got, want)
	}
}

func columnNames(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER, Name TEXT)")
	t.wantColumns("SELECT id, Name FROM t", "id", "Name")
	t.wantColumns("SELECT * FROM t", "id", "Name")
	t.wantColumns("SELECT id AS first, Name second FROM t", "first", "second")
	t.wantColumns("WITH c (x, y) AS (SELECT * FROM t) SELECT * FROM c", "x", "y")
	t.wantColumns("VALUES (1, 2)", "column1", "column2")
	t.wantColumns("PRAGMA table_info(t)", "cid", "name", "type", "notnull", "dflt_value", "pk")
}

// ownNames spoils the names that it gets, which nobody else may notice: not the same rows,
// nor those of another run of the query.
func ownNames(t *tester) {
	for _, want := range [][]string{{"a", "b"}, {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}} {
		query := "SELECT 1 AS " + strings.Join(want, ", 1 AS ")
		rows, err := t.pool.QueryContext(t.ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var kept []string
		for range 2 {
			got, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			t.equal("names", got, want)
			got[0], kept = "spoilt", append(got[:1], "appended")
			rows.Next()
		}
		t.wantColumns(query, want...)
		t.equal("names that were kept", kept, []string{"spoilt", "appended"})
	}
}

func duplicateNames(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
	t.wantColumns("SELECT a.*, b.* FROM t a JOIN t b", "id", "id")
	t.wantColumns("SELECT 1 AS a, 2 AS a", "a", "a")
	t.equal("row", t.row(t.pool, "SELECT 1 AS a, 2 AS a, 3 AS A"), []any{int64(1), int64(2), int64(3)})
}

func quotedNames(t *tester) {
	t.wantColumns(`SELECT 1 AS "a b", 2 AS [c;d], 3 AS `+"`e?`"+`, 4 AS 'f', 5 AS "g""h", 6 AS größe, 7 AS ""`,
		"a b", "c;d", "e?", "f", `g"h`, "größe", "")
}

func expressionNames(t *tester) {
	t.wantColumns("SELECT 1+1, count(*), 'a'", "1+1", "count(*)", "'a'")
}

func returningColumns(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME)")
	t.equal("types", t.types("INSERT INTO t VALUES (1, NULL) RETURNING *, id + 1 AS next"),
		[][3]string{{"id", "INTEGER", "int64"}, {"at", "DATETIME", "time.Time"}, {"next", "", "interface {}"}})
}

// noColumns wants a query that returns nothing to be run, once.
func noColumns(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	t.wantColumns("INSERT INTO t (x) VALUES ('a')")
	t.equal("rows", t.rows(t.pool, "INSERT INTO t (x) VALUES ('b')"), [][]any(nil))
	if err := t.pool.QueryRowContext(t.ctx, "INSERT INTO t (x) VALUES ('c')").Scan(new(int)); err != sql.ErrNoRows {
		t.Errorf("QueryRow: error %v, want %v", err, sql.ErrNoRows)
	}
	t.wantLetters(t.pool, "abc")
}

func manyColumns(t *tester) {
	query, want := "SELECT 0", []any{int64(0)}
	for i := 1; i < 1000; i++ {
		query += ", 0"
		want = append(want, int64(0))
	}
	t.equal("row", t.row(t.pool, query), want)
}

func oneResultSet(t *tester) {
	rows, err := t.pool.QueryContext(t.ctx, "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() || rows.NextResultSet() || rows.Err() != nil {
		t.Errorf("there is no row, another result set, or the error %v", rows.Err())
	}
}
