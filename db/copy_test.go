package db_test

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/copydb"
)

// TestCopy copies between all homes, and back.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, from := range homes {
		for _, to := range homes {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				source, target := from.open(t), to.open(t)
				execute(t, source, shop)
				for range 2 { // the second finds the copy complete
					must(t, db.Copy(t.Context(), source, target))
				}
				wantShop(t, target)
			})
		}
	}
}

// TestCopyOfNothing: an empty database is copied, restored and compared like others.
func TestCopyOfNothing(t *testing.T) {
	t.Parallel()
	for _, h := range homes {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			source, target, path := h.open(t), h.open(t), tempPath(t)
			for range 2 {
				must(t, db.Copy(t.Context(), source, target))
			}
			must(t, db.Backup(t.Context(), source, path))
			must(t, db.Copy(t.Context(), target, open(t, path)))
			check(t, "objects", get[int64](t, target, "SELECT count(*) FROM sqlite_schema"), int64(0))
		})
	}
}

// TestCopySchemas copies databases whose form differs from most, to a server and from there to a file.
func TestCopySchemas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ fill, query, want string }{
		// VACUUM puts virtual tables behind the tables that they make.
		"virtual tables after VACUUM": {
			"CREATE VIRTUAL TABLE w USING fts5(a); CREATE VIRTUAL TABLE b USING rtree(id, x0, x1); INSERT INTO w VALUES ('one two'); INSERT INTO b VALUES (7, 1, 2); VACUUM",
			"SELECT (SELECT a FROM w('two')) || (SELECT id FROM b WHERE x0 < 2)", "one two7",
		},
		// SQLite takes the table of the content for one that the virtual table has made.
		"a content table with a shadow's name": {
			"CREATE TABLE w_content (id INTEGER PRIMARY KEY, a UNIQUE, b); CREATE INDEX i ON w_content (b); CREATE VIRTUAL TABLE w USING fts5(a, content='w_content', content_rowid='id'); " +
				"INSERT INTO w_content VALUES (5, 'one two', 3); INSERT INTO w(w) VALUES ('rebuild')",
			"SELECT rowid || a || (SELECT b FROM w_content INDEXED BY i WHERE b = 3) FROM w('two')", "5one two3",
		},
		"a shadow's name after the virtual table": {
			"CREATE VIRTUAL TABLE w USING fts5(a, content=''); INSERT INTO w (rowid, a) VALUES (3, 'one'); CREATE TABLE w_content (x); INSERT INTO w_content VALUES (7)",
			"SELECT (SELECT rowid FROM w('one')) || x FROM w_content", "37",
		},
		"text in UTF-16 beside values that a server can't send": {
			"PRAGMA encoding = 'UTF-16le'; VACUUM; CREATE TABLE a (x); INSERT INTO a VALUES (9e999); CREATE TABLE b (x); INSERT INTO b VALUES ('é日💥'), ('abc')",
			"SELECT (SELECT x FROM a) || group_concat(x, '') FROM b", "Infé日💥abc",
		},
		"columns": {
			"CREATE TABLE t (" + columnsTo(1500) + "); INSERT INTO t (c0, c1499) VALUES (CAST(x'ff' AS TEXT), 9e999)",
			"SELECT hex(c0) || typeof(c0) || typeof(c1) || c1499 FROM t", "FFtextnullInf",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, server, file := homes[0].open(t), homes[2].open(t), homes[0].open(t)
			execute(t, source, test.fill)
			must(t, db.Copy(t.Context(), source, server))
			must(t, db.Copy(t.Context(), server, file))
			must(t, db.Copy(t.Context(), source, file)) // compares
			check(t, "the copy", get[string](t, file, test.query), test.want)
		})
	}
}

func columnsTo(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	return strings.Join(names, ", ")
}

// TestCopyTemporary: a temporary table of the source's connections isn't read in place of the one that it hides.
func TestCopyTemporary(t *testing.T) {
	t.Parallel()
	path, target := tempPath(t), homes[0].open(t)
	execute(t, open(t, path), "CREATE TABLE t (x, id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES ('file', 7)")
	source := open(t, path, db.WithAfterConnect("CREATE TEMP TABLE t (x, y, id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES ('temp', 1, 8)"))
	must(t, db.Copy(t.Context(), source, target))
	check(t, "the copy", get[string](t, target, "SELECT x || (SELECT seq FROM sqlite_sequence) FROM t"), "file7")
}

// A home is a place of databases.
type home struct {
	name   string
	remote bool
	open   func(*testing.T) *sql.DB
}

var homes = []home{
	{"file", false, func(t *testing.T) *sql.DB { return dbtest.OpenTemp(t, nil) }},
	{"memory", false, func(t *testing.T) *sql.DB { return open(t, ":memory:") }},
	{"server", true, func(t *testing.T) *sql.DB { return open(t, dbtest.StartServer(t).URL()) }},
	{"replica", true, func(t *testing.T) *sql.DB {
		return open(t, replicaURL(dbtest.StartServer(t), filepath.Join(t.TempDir(), "replica.db")))
	}},
}

// smallChunks makes many chunks of few rows.
func smallChunks(bytes int) db.CopyOption {
	return func(c *copydb.Config) error {
		c.Chunk = bytes
		return nil
	}
}

// hard has the values, names and objects that a copy can lose or change.
const hard = `
CREATE TABLE vals (x, at DATETIME, n NUMERIC, r REAL, i INT, t TEXT);
INSERT INTO vals VALUES (9e999, '2026-01-02 03:04:05', '1e3', 5, '7', 7), (-9e999, 1700000000, 'abc', -0.0, 1.5, x'00'), (-0.0, NULL, 1.0, 9e999, 'x', ''),
	(9223372036854775807, '', 9007199254740993, 0.1, -9223372036854775808, '007'), (CAST(x'61ff62' AS TEXT), CAST(x'c0' AS TEXT), 1e300, 5e-324, 0, CAST(x'00610062' AS TEXT)),
	(x'', '2026-01-02T03:04:05Z', x'31', 1.7976931348623157e308, NULL, 'é日本💥'), (NULL, NULL, NULL, NULL, NULL, NULL), (1.0, 2, 3, 4, 5, 6);
INSERT INTO vals (rowid, x) VALUES (-9223372036854775808, 'first'), (9223372036854775807, 'last'), (0, 'zero');
CREATE TABLE "odd ""names""" ("rowid" TEXT, "a""b", "select" INT DEFAULT 7, [x y] AS ("select" + 1) STORED, w AS (length("rowid")));
INSERT INTO "odd ""names""" ("rowid", "a""b") VALUES ('r', 1), ('s', 2);
CREATE TABLE keys (a TEXT COLLATE NOCASE, b, c INT, d, PRIMARY KEY (a COLLATE BINARY DESC, b, c DESC)) WITHOUT ROWID;
CREATE TABLE folded (a TEXT, b TEXT COLLATE NOCASE, PRIMARY KEY (b, a COLLATE NOCASE DESC)) WITHOUT ROWID;
CREATE TABLE backwards (id INTEGER PRIMARY KEY DESC, x);
INSERT INTO backwards VALUES (5, 'a'), (1, 'b'), (3, 'c');
CREATE TABLE parents (id INTEGER PRIMARY KEY, favourite REFERENCES children);
CREATE TABLE children (id INTEGER PRIMARY KEY, parent NOT NULL REFERENCES parents ON DELETE CASCADE, self REFERENCES children);
INSERT INTO parents VALUES (1, NULL), (2, NULL);
INSERT INTO children VALUES (1, 2, NULL), (2, 1, 1);
UPDATE parents SET favourite = 3 - id;
CREATE TABLE strict (a ANY, b BLOB, c REAL) STRICT;
INSERT INTO strict VALUES ('1', x'01', 1), (1, NULL, 0.5);
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, x UNIQUE, CHECK (x <> 'no'));
INSERT INTO counted VALUES (5, 'a'), (1000, 'b');
DELETE FROM counted WHERE id = 1000;
CREATE TABLE empty (x);
CREATE VIRTUAL TABLE words USING fts5(a, b, prefix='2 3');
INSERT INTO words VALUES ('one two three', 'four'), ('two', 'three');
DELETE FROM words WHERE b = 'three';
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
INSERT INTO boxes VALUES (7, 1.5, 2.5), (8, -1, 1);
CREATE INDEX by_length ON vals (length(x), t COLLATE NOCASE DESC) WHERE x IS NOT NULL;
ANALYZE;
CREATE VIEW first AS SELECT * FROM second;
CREATE VIEW second AS SELECT x FROM vals;
CREATE TRIGGER into_view INSTEAD OF INSERT ON second BEGIN INSERT INTO vals (x) VALUES (new.x); END;
CREATE TRIGGER counted_once AFTER UPDATE OF x ON counted WHEN new.x <> old.x BEGIN INSERT INTO vals (x) VALUES ('updated; ' || new.x); END;
PRAGMA user_version = -5;
PRAGMA application_id = 1234;
`

// fillHard makes the database that a copy can get wrong most easily.
func fillHard(t *testing.T, pool *sql.DB) {
	t.Helper()
	execute(t, pool, hard)
	random := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "a", "A", "b", "B", "é", "x\x00y", "zz"}
	for range 300 {
		key := []any{texts[random.IntN(len(texts))], texts[random.IntN(len(texts))], random.IntN(5), random.Int64()}
		switch random.IntN(4) {
		case 0:
			key[1] = random.IntN(3)
		case 1:
			key[1] = []byte(texts[random.IntN(len(texts))])
		case 2:
			key[1] = float64(random.IntN(3)) + 0.5
		}
		_, err := pool.ExecContext(t.Context(), "INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)", key...)
		must(t, err)
		_, err = pool.ExecContext(t.Context(), "INSERT OR IGNORE INTO folded VALUES (?, ?)", key[0], fmt.Sprint(key[1]))
		must(t, err)
		_, err = pool.ExecContext(t.Context(), "INSERT INTO strict VALUES (?, zeroblob(?), ?)", math.Float64frombits(random.Uint64()>>2), random.IntN(200), random.NormFloat64())
		must(t, err)
	}
	execute(t, pool, "INSERT INTO keys SELECT CAST(x'ff' AS TEXT), CAST(x'fe' || b AS TEXT), c, d FROM keys WHERE a = 'a' AND typeof(b) = 'text' LIMIT 3")
	execute(t, pool, "INSERT INTO keys VALUES ('a', 9e999, 1, 2), ('a', -9e999, 1, 2)")
}

// everything returns all that a file has, by other means than a copy's own.
func everything(t *testing.T, pool *sql.DB) []string {
	t.Helper()
	all := []string{
		"user_version " + get[string](t, pool, "PRAGMA user_version"),
		"application_id " + get[string](t, pool, "PRAGMA application_id"),
		"integrity " + get[string](t, pool, "PRAGMA integrity_check"),
	}
	each := func(query string, row func(values []any)) {
		rows, err := pool.QueryContext(t.Context(), query)
		must(t, err)
		defer rows.Close()
		names, err := rows.Columns()
		must(t, err)
		values, places := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			places[i] = &values[i]
		}
		for rows.Next() {
			must(t, rows.Scan(places...))
			row(values)
		}
		must(t, rows.Err())
	}
	tables := map[string]bool{} // whether it has a rowid
	each("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name", func(v []any) { all = append(all, fmt.Sprintf("%q", v)) })
	each("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name <> 'sqlite_schema' AND name NOT LIKE 'sqlite_stat%'", func(v []any) {
		tables[v[0].(string)] = v[1] == int64(0)
	})
	for name, hasRowid := range tables {
		name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		var columns []string
		if hasRowid {
			columns = append(columns, "_rowid_")
		}
		each("SELECT name FROM pragma_table_xinfo('"+strings.Trim(strings.ReplaceAll(name, `""`, `"`), `"`)+"')", func(v []any) {
			// An expression, so that a time is read as text.
			column := `"` + strings.ReplaceAll(v[0].(string), `"`, `""`) + `"`
			columns = append(columns, "CASE WHEN 1 THEN "+column+" END")
		})
		var rows []string
		each("SELECT "+strings.Join(columns, ", ")+" FROM "+name, func(v []any) {
			line := name
			for _, value := range v {
				switch value := value.(type) {
				case float64:
					line += fmt.Sprintf(" real %x", math.Float64bits(value))
				default:
					line += fmt.Sprintf(" %T %q", value, fmt.Sprint(value))
				}
			}
			rows = append(rows, line)
		})
		slices.Sort(rows)
		all = append(all, rows...)
	}
	slices.Sort(all[3:])
	return all
}

// TestCopyIsExact: after a way over a server and back to a file, each value, rowid, name and object is the same.
func TestCopyIsExact(t *testing.T) {
	t.Parallel()
	source := dbtest.OpenTemp(t, nil)
	fillHard(t, source)
	want := everything(t, source)
	for name, way := range map[string][]home{
		"file":               {homes[0]},
		"memory and file":    {homes[1], homes[0]},
		"server and file":    {homes[2], homes[0]},
		"servers and file":   {homes[2], homes[2], homes[0]},
		"replica and file":   {homes[3], homes[0]},
		"small and server":   {homes[2], homes[0]},
		"small and file":     {homes[0]},
		"backup of a server": {homes[2]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, want := source, slices.Clone(want)
			for _, h := range way {
				var opts []db.CopyOption
				if strings.HasPrefix(name, "small") {
					opts = append(opts, smallChunks(300))
				}
				to := h.open(t)
				must(t, db.Copy(t.Context(), from, to, opts...))
				if h.remote {
					want[1] = "application_id 0"
				}
				from = to
			}
			if name == "backup of a server" {
				path := tempPath(t)
				must(t, db.Backup(t.Context(), from, path))
				from = open(t, path)
			}
			check(t, "content", everything(t, from), want)
		})
	}
}
