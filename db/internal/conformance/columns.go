package conformance

import (
	"database/sql"
	"reflect"
	"strings"
)

var columnCases = []testCase{
	{"declared and Go types", columnTypes},
	{"declared types have upper case and no numbers", declaredTypes},
	{"expressions have no declared type", expressionTypes},
	{"types of a result without rows", emptyTypes},
	{"every column can be NULL", nullable},
	{"declared lengths", declaredLengths},
	{"what is stored fits the type to scan into", scanTypesFit},
	{"names", columnNames},
	{"names are the caller's own", ownNames},
	{"names that occur twice", duplicateNames},
	{"names of quoted identifiers", quotedNames},
	{"names of expressions", expressionNames},
	{"columns of RETURNING", returningColumns},
	{"a statement without columns", noColumns},
	{"a thousand columns", manyColumns},
	{"one result set", oneResultSet},
}

// types returns the name, the declared type and the scan type of each column.
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
		{"id", "INTEGER", "sql.NullInt64"}, {"n", "INT", "sql.NullInt64"}, {"big", "BIGINT", "sql.NullInt64"},
		{"r", "REAL", "sql.NullFloat64"}, {"d", "DOUBLE PRECISION", "sql.NullFloat64"},
		{"s", "TEXT", "sql.NullString"}, {"v", "VARCHAR", "sql.NullString"}, {"b", "BLOB", "[]uint8"},
		{"yes", "BOOLEAN", "sql.NullBool"}, {"no", "BOOL", "sql.NullBool"},
		{"day", "DATE", "interface {}"}, {"at", "DATETIME", "interface {}"}, {"stamp", "TIMESTAMP", "interface {}"},
		{"other", "", "interface {}"},
	})
}

func declaredTypes(t *tester) {
	t.setUp("CREATE TABLE t (a varchar(20), b Decimal(10, 2), c datetime(6), d Timestamp With Time Zone, e integer)")
	t.equal("types of the table", names(t.types("SELECT * FROM t"), 1), []string{"VARCHAR", "DECIMAL", "DATETIME", "TIMESTAMP WITH TIME ZONE", "INTEGER"})
	t.setUp("CREATE VIEW v AS SELECT c AS x, e FROM t")
	t.equal("types of a view", t.types("SELECT * FROM v"), [][3]string{{"x", "DATETIME", "interface {}"}, {"e", "INTEGER", "sql.NullInt64"}})
}

// names returns one of these three strings of each column.
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
	t.equal("types", t.types("SELECT id, s, at FROM t WHERE 0"), [][3]string{{"id", "INTEGER", "sql.NullInt64"}, {"s", "TEXT", "sql.NullString"}, {"at", "DATETIME", "interface {}"}})
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
		if nullable, ok := c.Nullable(); !ok || !nullable {
			t.Errorf("%s: nullable is %v, known is %v", c.Name(), nullable, ok)
		}
	}
}

func declaredLengths(t *tester) {
	t.setUp("CREATE TABLE t (a VARCHAR(20), b TEXT, c BLOB, d NVARCHAR (7), e INTEGER(3), f DECIMAL(10, 2), g NUMERIC(5), h REAL, i, j CHARINT(4))")
	rows, err := t.pool.QueryContext(t.ctx, "SELECT * FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	for _, c := range columns {
		length, hasLength := c.Length()
		precision, scale, hasSize := c.DecimalSize()
		switch {
		case hasLength:
			got = append(got, length)
		case hasSize:
			got = append(got, [2]int64{precision, scale})
		default:
			got = append(got, nil)
		}
	}
	t.equal("lengths", got, []any{int64(20), nil, nil, int64(7), nil, [2]int64{10, 2}, [2]int64{5, 0}, nil, nil, nil})
}

// scanTypesFit scans each kind of value that a column may have, including NULL.
func scanTypesFit(t *tester) {
	t.setUp(typedTable, "INSERT INTO t (id, s, day, at, stamp) VALUES (1, 'a', 20240305, 1709618828.5, 'soon')",
		"INSERT INTO t VALUES (2, 2, 3, 1.5, 2.5, 's', 'v', x'00', 1, 0, '2024-03-05', '2024-03-05 06:07:08', CURRENT_TIMESTAMP, 'o')")
	rows, err := t.pool.QueryContext(t.ctx, "SELECT * FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		dest := make([]any, len(columns))
		for i, c := range columns {
			dest[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(dest...); err != nil {
			t.Error(err)
		}
	}
	if err := rows.Err(); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// wantColumns checks the column names of a query.
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
	if len(got) != 0 || len(want) != 0 { // nil and empty are equal here
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

// ownNames changes the names that it got. Neither the same rows nor another run of the query
// may see the change.
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
		[][3]string{{"id", "INTEGER", "sql.NullInt64"}, {"at", "DATETIME", "interface {}"}, {"next", "", "interface {}"}})
}

// noColumns checks that a query without columns runs exactly once.
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
