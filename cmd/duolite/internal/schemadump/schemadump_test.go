package schemadump

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

// everything has all kinds of objects, in an order in which foreign keys aren't satisfied.
const everything = `
CREATE TABLE lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE, -- a comment;
    name TEXT NOT NULL DEFAULT 'a;
b' CHECK (name <> ''),
    upper_name TEXT AS (upper(name)) STORED,
    UNIQUE (order_id, name)
);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT REFERENCES customers) STRICT;
CREATE TABLE customers (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE a (b INTEGER REFERENCES b);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a);
CREATE UNIQUE INDEX lines_by_name ON lines (name COLLATE NOCASE, id DESC) WHERE order_id > 0;
CREATE INDEX lines_by_length ON lines (length(name));
CREATE VIRTUAL TABLE lines_fts USING fts5 (name, content='lines', content_rowid='id');
CREATE VIRTUAL TABLE areas USING rtree (id, left, right);
CREATE TABLE lines_fts_log (id INTEGER PRIMARY KEY, at TEXT);
CREATE VIEW named AS SELECT name FROM lines UNION ALL SELECT name FROM customers;
CREATE TRIGGER lines_insert AFTER INSERT ON lines BEGIN
    INSERT INTO lines_fts (rowid, name) VALUES (new.id, new.name);
    SELECT CASE WHEN new.name = 'END' THEN RAISE(ABORT, 'x;') END;
END;
CREATE TRIGGER named_insert INSTEAD OF INSERT ON named BEGIN INSERT INTO customers VALUES (new.name); END;
CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY);
CREATE INDEX d1_index ON d1_migrations (id);
CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER);
INSERT INTO customers VALUES ('ann');`

// TestRoundTrip: the script and the migration make the same schema in an empty database of any kind, and the migration changes
// nothing in the database that it is from.
func TestRoundTrip(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		from := d.Open(t, nil)
		exec(t, from, everything)
		if d.Local() { // a server refuses it
			exec(t, from, "ANALYZE")
		}
		s := read(t, from)
		if diff := cmp.Diff([]string{"d1_migrations (D1)", "_litestream_seq (Litestream)"}, s.LeftOut); diff != "" || len(s.Notes) > 0 {
			t.Errorf("left out (-want +got):\n%s\nnotes: %q, want none", diff, s.Notes)
		}
		want := objects(t, from)
		script := dbtest.OpenTemp(t, nil)
		exec(t, script, s.Script())
		if diff := cmp.Diff(want, objects(t, script)); diff != "" {
			t.Errorf("by the script (-want +got):\n%s", diff)
		}
		files := fstest.MapFS{"00001_schema.sql": {Data: []byte(s.Migration("x"))}}
		for _, pool := range []*sql.DB{dbtest.OpenTemp(t, nil), from} {
			if _, err := db.Migrate(t.Context(), pool, files); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, objects(t, pool)); diff != "" {
				t.Errorf("by the migration (-want +got):\n%s", diff)
			}
		}
	})
}

// TestOrder: tables come after the tables that they refer to, also if they are made before them.
func TestOrder(t *testing.T) {
	pool := dbtest.OpenTemp(t, nil)
	exec(t, pool, everything)
	var names []string
	for _, o := range read(t, pool).Objects {
		if o.Type == "table" {
			names = append(names, o.Name)
		}
	}
	want := []string{"customers", "orders", "lines", "b", "a", "lines_fts_log", "lines_fts", "areas"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the tables are in another order (-want +got):\n%s", diff)
	}
}

// TestOrderOfViews: views come after the views that they mention.
func TestOrderOfViews(t *testing.T) {
	pool := dbtest.OpenTemp(t, nil)
	exec(t, pool, `CREATE VIEW a AS SELECT * FROM "B b" JOIN c; CREATE VIEW c AS SELECT 1 AS one; CREATE VIEW "B b" AS SELECT one FROM C; CREATE VIEW d AS SELECT * FROM a;`)
	var names []string
	for _, o := range read(t, pool).Objects {
		names = append(names, o.Name)
	}
	if diff := cmp.Diff([]string{"c", "B b", "a", "d"}, names); diff != "" {
		t.Errorf("the views are in another order (-want +got):\n%s", diff)
	}
}

// TestDoubleQuotes: strings in double quotes get single ones, since package db and servers refuse the others.
func TestDoubleQuotes(t *testing.T) {
	pool, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "old.db"), db.WithDoubleQuotedStrings())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	exec(t, pool, `CREATE TABLE "t" ("id" INTEGER PRIMARY KEY, state TEXT DEFAULT "it's" CHECK (state <> "x"));
		CREATE VIEW v AS SELECT "id", "none" AS n FROM "t" WHERE state = "it's";`)
	s := read(t, pool)
	if want := "strings in double quotes have single quotes now, in the table t, the view v"; len(s.Notes) != 1 || s.Notes[0] != want {
		t.Errorf("the notes are %q, want %q", s.Notes, want)
	}
	for name, script := range map[string]string{"script": s.Script(), "migration": s.Migration("x")} {
		empty := dbtest.OpenTemp(t, nil)
		exec(t, empty, script)
		exec(t, empty, "INSERT INTO t (id) VALUES (1)")
		var got string
		if err := empty.QueryRow("SELECT id || n FROM v").Scan(&got); err != nil || got != "1none" {
			t.Errorf("%s: the view has %q, %v", name, got, err)
		}
	}
}

// TestUnknown: what this SQLite doesn't have is a note, and the rest is there.
func TestUnknown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.db")
	compare := func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
	pool, err := db.Open(t.Context(), file, db.WithCollation("unicase", compare))
	if err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `CREATE TABLE tags (tag TEXT PRIMARY KEY COLLATE unicase); CREATE TABLE other (id INTEGER PRIMARY KEY);
		INSERT INTO tags VALUES ('a'), ('b');`)
	pool.Close()
	pool, err = db.Open(t.Context(), "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := read(t, pool)
	for i, want := range []string{"the Go types of the table tags are by", "an empty SQLite file can't have the table tags: "} {
		if len(s.Notes) != 2 || !strings.HasPrefix(s.Notes[i], want) || !strings.Contains(s.Notes[i], "unicase") {
			t.Errorf("the notes are %q, want two about the collation", s.Notes)
		}
	}
	if got := s.Script(); !strings.Contains(got, "CREATE TABLE tags") || !strings.Contains(got, "CREATE TABLE other") {
		t.Errorf("the script lacks a table:\n%s", got)
	}
}

// TestVectorIndex: the tables of libSQL's index are left out, and the index is there.
func TestVectorIndex(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		if d.Local() {
			t.Skip("only libSQL has the index")
		}
		pool := d.Open(t, nil)
		exec(t, pool, `CREATE TABLE movies (id INTEGER PRIMARY KEY, at F32_BLOB(3));
			CREATE INDEX movies_idx ON movies (libsql_vector_idx(at));
			INSERT INTO movies (at) VALUES (vector32('[1,2,3]'))`)
		s := read(t, pool)
		var names []string
		for _, o := range s.Objects {
			names = append(names, o.Name)
		}
		if diff := cmp.Diff([]string{"movies", "movies_idx"}, names); diff != "" {
			t.Errorf("the objects (-want +got):\n%s", diff)
		}
		if len(s.Notes) != 1 || !strings.HasPrefix(s.Notes[0], "an empty SQLite file can't have the index movies_idx: ") {
			t.Errorf("the notes are %q, want one about the index", s.Notes)
		}
	})
}

// TestNamesForSQLC: only quotes change.
func TestNamesForSQLC(t *testing.T) {
	for text, want := range map[string]string{
		`CREATE TABLE [Album]([Id]INTEGER, "Title" TEXT, "id2" int)`:                                                                 `CREATE TABLE Album(Id INTEGER, Title TEXT, "id2" int)`,
		"CREATE TABLE `a b` (`c` TEXT DEFAULT `x`, [order] int)":                                                                     `CREATE TABLE "a b" (c TEXT DEFAULT 'x', "order" int)`,
		`CREATE TABLE"T"(a DEFAULT "it's", b DEFAULT 'B')`:                                                                           `CREATE TABLE T(a DEFAULT 'it''s', b DEFAULT 'B')`,
		`CREATE VIEW v AS SELECT 'x' "Y", [Z]FROM t -- [c]`:                                                                          `CREATE VIEW v AS SELECT 'x' Y, Z FROM t -- [c]`,
		`CREATE TABLE 't'('a' TEXT DEFAULT 'x' CHECK ('a' IN ('b', 'c')), 'd e' INT REFERENCES 'p' ('f'), PRIMARY KEY ('a', 'd e'))`: `CREATE TABLE t(a TEXT DEFAULT 'x' CHECK ('a' IN ('b', 'c')), "d e" INT REFERENCES p (f), PRIMARY KEY (a, "d e"))`,
		`CREATE VIEW 'v' AS SELECT count('x', 'y') FROM t`:                                                                           `CREATE VIEW v AS SELECT count('x', 'y') FROM t`,
	} {
		if got := forSQLC(text); got != want {
			t.Errorf("%s\nis %s\nwant %s", text, got, want)
		}
	}
}

// TestGoNames: names are unique, and are Go's.
func TestGoNames(t *testing.T) {
	for name, want := range map[string]string{
		"albumId": "AlbumID", "ALBUM_ID": "AlbumID", "Order Details": "OrderDetails", "HTTPServer": "HttpServer",
		"2fa": "N2fa", "_x": "X", "url": "URL", "日本": "X", "ISBN13": "Isbn13",
	} {
		if got := exported(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// TestTypes: the Go types are by the declared types and by the values.
func TestTypes(t *testing.T) {
	pool := dbtest.OpenTemp(t, nil)
	exec(t, pool, `CREATE TABLE t (
		a INTEGER, b INTEGER, c DATETIME, d DATETIME, e DATE, f DATE, g LONGVARCHAR, h, i JSON, j DECIMAL(10, 2), k BOOLEAN, l UNSIGNED INT,
		m DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')), n DATE, o TIMESTAMP, p GUID, q NUMERIC(10, 2), r INT(11), s TINYINT(1));
		INSERT INTO t VALUES (1, 'x', '2026-01-02 03:04:05', 1700000000, '2026-01-02', '2026-01-02 00:00:00', 'x', 2, '{}', 1.5, 1, 7,
			'2026-01-02 03:04:05.000', NULL, 2460000.5, 'x', 1.5, 2, 'x');`)
	want := []goType{
		sqlcsChoice, anyType, sqlcsChoice, anyType, dateType, sqlcsChoice, stringType, anyType, jsonType, sqlcsChoice, sqlcsChoice, intType,
		timeType, dateType, anyType, anyType, floatType, intType, anyType,
	}
	s := read(t, pool)
	const note = "the Go type of t.b (INTEGER), t.d (DATETIME), t.o (TIMESTAMP), t.s (TINYINT(1)) is any, as the rows have other values than the declared type says"
	if diff := cmp.Diff([]string{note}, s.Notes); diff != "" {
		t.Errorf("the notes (-want +got):\n%s", diff)
	}
	for i, c := range s.tables[0].columns {
		if got := c.goType(); got != want[i] {
			t.Errorf("column %s %s with %q has the type %+v, want %+v", c.Name, c.Type, c.stored, got, want[i])
		}
	}
}

// TestViews: a view gets a query, unless sqlc would read other columns than SQLite.
func TestViews(t *testing.T) {
	pool := dbtest.OpenTemp(t, nil)
	exec(t, pool, `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL, size INTEGER);
		CREATE TABLE mixed (id INTEGER PRIMARY KEY, n INTEGER);
		INSERT INTO mixed (n) VALUES (1), ('two');
		CREATE VIEW drafts AS SELECT id, body FROM notes WHERE body = 'draft';
		CREATE VIEW counted AS SELECT body, count(*) AS n FROM notes GROUP BY body;
		CREATE VIEW of_drafts AS SELECT id FROM drafts;
		CREATE VIEW "two words" AS SELECT id FROM notes;
		CREATE VIEW of_two_words AS SELECT id FROM "two words";
		CREATE VIEW unnamed AS SELECT id, size * 2 FROM notes;
		CREATE VIEW twice AS SELECT a.id, b.id FROM notes AS a, notes AS b;
		CREATE VIEW renamed (x) AS SELECT id FROM notes;
		CREATE VIEW both AS SELECT id FROM notes UNION SELECT n FROM mixed;
		CREATE VIEW converted AS SELECT CAST(size AS TEXT) AS size FROM notes;
		CREATE VIEW of_mixed AS SELECT n FROM mixed;
		CREATE VIRTUAL TABLE words USING fts5 (word);
		CREATE VIEW of_words AS SELECT word FROM words;
		CREATE TABLE "bücher" (id INTEGER PRIMARY KEY);
		CREATE TABLE ticks ("a`+"`"+`b" TEXT);
		CREATE TABLE orphans (id INTEGER PRIMARY KEY, of INTEGER REFERENCES nowhere);
		CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY);
		CREATE VIEW of_tool AS SELECT id FROM d1_migrations;`)
	s := read(t, pool)
	var got []string
	for _, v := range s.views {
		got = append(got, v.Name)
	}
	if diff := cmp.Diff([]string{"drafts", "counted", "of_drafts"}, got); diff != "" {
		t.Errorf("views with a query (-want +got):\n%s", diff)
	}
	want := []string{
		"no queries for the table bücher, the table ticks, as sqlc can't read names with a backtick or outside ASCII",
		"no queries for the table orphans, as a foreign key refers to a table that isn't there, so no row can be written",
		"no queries for the virtual table words",
		"no queries for the view two words, the view of_two_words, the view unnamed, the view twice, the view renamed and 4 more, as sqlc would read other names or types than SQLite",
		"no queries for the view of_tool, as it reads a table that is left out",
	}
	if diff := cmp.Diff(want, s.WithoutQueries()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	files := s.queries()
	const query = "-- name: ListDrafts :many\n-- ListDrafts returns a page of rows.\nSELECT * FROM drafts\nLIMIT sqlc.arg(page_size) OFFSET sqlc.arg(skip);\n"
	if f := files[2]; f.name != "drafts.sql" || f.text != query {
		t.Errorf("%s has\n%swant\n%s", f.name, f.text, query)
	}
}

// TestAlikeInGo: columns and tables whose names are the same in Go get different ones.
func TestAlikeInGo(t *testing.T) {
	pool := dbtest.OpenTemp(t, nil)
	exec(t, pool, `CREATE TABLE a_id (iD2 TEXT, ID_2 TEXT, id__2 TEXT); CREATE TABLE aId (x)`)
	s := read(t, pool)
	if one, other := s.tables[0], s.tables[1]; exported(one.one) == exported(other.one) || exported(one.many) == exported(other.many) {
		t.Errorf("both tables are %s, %s", exported(one.one), exported(one.many))
	}
	fields := map[string]bool{}
	for _, c := range s.tables[0].columns {
		fields[s.renames[sqlcName(c.sql)]] = true
	}
	if len(fields) != 3 {
		t.Errorf("the fields are %v, want three", fields)
	}
}

// TestAlike: tables and views whose names have the same singular get structs of their own, in any order.
func TestAlike(t *testing.T) {
	for _, script := range []string{
		"CREATE TABLE album (id INTEGER PRIMARY KEY); CREATE TABLE albums (id INTEGER PRIMARY KEY)",
		"CREATE TABLE albums (id INTEGER PRIMARY KEY); CREATE TABLE album (id INTEGER PRIMARY KEY)",
		"CREATE TABLE albums (id INTEGER PRIMARY KEY); CREATE VIEW album AS SELECT id FROM albums",
	} {
		pool := dbtest.OpenTemp(t, nil)
		exec(t, pool, script)
		s := read(t, pool)
		ones := map[string]string{}
		for _, each := range slices.Concat(s.tables, s.views) {
			ones[each.Name] = each.one
		}
		if diff := cmp.Diff(map[string]string{"album": "album", "albums": "albums"}, ones); diff != "" || !slices.Equal(s.exact, []string{"albums"}) || len(s.renames) > 0 {
			t.Errorf("%s: names (-want +got):\n%s\nexact: %q, renamed: %q", script, diff, s.exact, s.renames)
		}
	}
}

// TestWrite: all files are written or none, and none is replaced.
func TestWrite(t *testing.T) {
	folder := t.TempDir()
	out := filepath.Join(folder, "new/project")
	files := []File{{Path: "schema/1_books.sql", text: "one"}, {Path: "sqlc.yaml", text: "two", optional: true}, {Path: "q/x.sql", text: "three"}}
	// schema is made, and q can't be made, as it is a file.
	blocked := append(slices.Clone(files[:2]), File{Path: "q", text: "a file"}, files[2])
	if paths, err := Write(out, blocked); err == nil {
		t.Errorf("%q were written, though one of them can't be", paths)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("the failure leaves %v, %v", left, err)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "sqlc.yaml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(out, blocked); err == nil {
		t.Error("a file in place of a folder is no error")
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 1 {
		t.Errorf("the failure leaves %v, %v; want sqlc.yaml", left, err)
	}
	paths, err := Write(out, files)
	if want := []string{filepath.Join(out, "schema/1_books.sql"), filepath.Join(out, "q/x.sql")}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("written: %q, %v; want %q", paths, err, want)
	}
	if text, _ := fs.ReadFile(os.DirFS(out), "sqlc.yaml"); string(text) != "mine" {
		t.Errorf("sqlc.yaml is %q", text)
	}
	if _, err := Write(out, files); err == nil {
		t.Error("files were replaced")
	}
	if _, err := Write(out, []File{{Path: "schema/00001_schema.sql"}}); err == nil || !strings.Contains(err.Error(), "1_books.sql is a migration already") {
		t.Errorf("beside another migration: error %v", err)
	}
}

func read(t *testing.T, pool *sql.DB) *Schema {
	t.Helper()
	s, err := Read(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func exec(t *testing.T, pool *sql.DB, text string) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// objects returns all entries of sqlite_schema, without the tables of tools and the statistics.
func objects(t *testing.T, pool *sql.DB) (all []string) {
	t.Helper()
	rows, err := pool.Query(`SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema
		WHERE tbl_name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'd1%' AND name NOT LIKE '%litestream%' AND name NOT LIKE 'sqlite_stat%' ORDER BY type, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, name, table, text string
		if err := rows.Scan(&kind, &name, &table, &text); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s on %s: %s", kind, name, table, text))
	}
	return all
}
