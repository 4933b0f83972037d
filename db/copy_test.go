package db_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// TestCopyRefused: what can't be copied is one clear error before anything is written.
func TestCopyRefused(t *testing.T) {
	t.Parallel()
	file := func(statements ...string) func(*testing.T) *sql.DB {
		return func(t *testing.T) *sql.DB {
			pool := dbtest.OpenTemp(t, nil)
			execute(t, pool, statements...)
			return pool
		}
	}
	remote := func(statements ...string) func(*testing.T) *sql.DB {
		return func(t *testing.T) *sql.DB {
			pool := open(t, dbtest.StartServer(t).URL())
			execute(t, pool, statements...)
			return pool
		}
	}
	for name, test := range map[string]struct {
		from, to func(*testing.T) *sql.DB
		kind     error // or nil
		message  string
	}{
		"a target with another table": {
			file("CREATE TABLE t (x)"), file("CREATE TABLE other (x)"), db.ErrNotEmpty,
			`the target isn't empty: it has the table "other", and isn't the copy of this source; name an empty database`,
		},
		"a target with the same tables and other rows": {
			file("CREATE TABLE t (x); INSERT INTO t VALUES (1)"), file("CREATE TABLE t (x); INSERT INTO t VALUES (2)"), db.ErrNotEmpty,
			`the target isn't empty, and isn't the copy of this source: the copy differs: the rows of the table "t" aren't the same in both databases; name an empty database`,
		},
		"a target with fewer rows": {
			file("CREATE TABLE t (x); INSERT INTO t VALUES (1)"), file("CREATE TABLE t (x)"), db.ErrNotEmpty,
			`the target isn't empty, and isn't the copy of this source: the copy differs: the table "t" has 1 rows in the source and 0 in the target; name an empty database`,
		},
		"a row that is too large for a server": {
			file("CREATE TABLE t (a TEXT, b, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO t VALUES ('small', 1), ('it''s', zeroblob(5000000)), ('zz', zeroblob(6000000))"), remote(), db.ErrTooBig,
			`2 rows of the table "t" are larger than the target's limit of 5000000 bytes, the first with the key 'it''s'`,
		},
		"a row of several values that is too large for a server": {
			file("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (zeroblob(2500000), CAST(zeroblob(2500000) AS TEXT))"), remote(), db.ErrTooBig,
			`1 rows of the table "t" are larger than the target's limit of 5000000 bytes, the first with the key 2; nothing was written`,
		},
		"a function that the target doesn't have": {
			remote("CREATE TABLE t (x CHECK (x REGEXP 'a'))"), file(), nil,
			`the target can't make the table "t": no such function: REGEXP`,
		},
		"a view with a function that the target doesn't have": {
			remote("CREATE VIEW v AS SELECT reverse('abc')"), file(), nil,
			`the target can't use the view "v": no such function: reverse`,
		},
		"a trigger with a function that the target doesn't have": {
			file("CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE TRIGGER r AFTER UPDATE OF x ON t BEGIN SELECT log2(new.x); END"), remote(), nil,
			`the target can't use the trigger "r": no such function: log2`,
		},
		"a module that the target doesn't have": {
			remote("CREATE VIRTUAL TABLE f USING fts4(x)"), file(), nil,
			`the target can't make the table "f": no such module: fts4`,
		},
		"a table with all names of the rowid": {
			file("CREATE TABLE t (rowid, oid, _rowid_)"), file(), nil,
			`the table "t" can't be copied: its columns have all three names of the rowid, rowid, oid and _rowid_, so that no statement can name it; rename one of them`,
		},
		"keys in another encoding": {
			func(t *testing.T) *sql.DB {
				pool := open(t, filepath.Join(t.TempDir(), "utf16.db"), db.WithMaxOpenConns(1))
				execute(t, pool, "PRAGMA encoding = 'UTF-16le'", "VACUUM", "CREATE TABLE t (x PRIMARY KEY) WITHOUT ROWID")
				return pool
			}, file(), nil, "the source has another text encoding than UTF-8",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := test.from(t), test.to(t)
			before := get[string](t, to, "SELECT coalesce(group_concat(sql), '') FROM sqlite_schema")
			err := db.Copy(t.Context(), from, to)
			if err == nil || !strings.Contains(err.Error(), test.message) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %s", err, test.message)
			}
			if test.kind != nil && !errors.Is(err, test.kind) {
				t.Errorf("error %v isn't of the kind %v", err, test.kind)
			}
			check(t, "schema", get[string](t, to, "SELECT coalesce(group_concat(sql), '') FROM sqlite_schema"), before)
		})
	}
}

// many fills a table with rows for many chunks.
const many = `
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n INT UNIQUE, x);
WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 600) INSERT INTO t (n, x) SELECT i * 7 % 601, randomblob(i % 40) FROM i;
CREATE TABLE u (k TEXT, n, PRIMARY KEY (k, n DESC)) WITHOUT ROWID;
INSERT INTO u SELECT hex(randomblob(1)), n FROM t;
CREATE TABLE v (x);
INSERT INTO v SELECT x FROM t;
CREATE INDEX by_x ON t (x);
CREATE TRIGGER r AFTER INSERT ON v BEGIN UPDATE t SET n = -n WHERE id = new.rowid; END;
`

// sameRows compares the tables that many makes.
func sameRows(t *testing.T, a, b *sql.DB) {
	t.Helper()
	for _, query := range []string{
		"SELECT count(*), sum(id * n), group_concat(quote(x)) FROM (SELECT * FROM t ORDER BY id)",
		"SELECT count(*), sum(n), group_concat(k) FROM (SELECT * FROM u ORDER BY k, n)",
		"SELECT count(*), sum(rowid), group_concat(quote(x)) FROM (SELECT rowid, x FROM v ORDER BY rowid)",
		"SELECT count(*), sum(seq), group_concat(name) FROM sqlite_sequence",
		"SELECT count(*), 0, group_concat(name) FROM (SELECT name FROM sqlite_schema ORDER BY name)",
	} {
		var results [2]string
		for i, pool := range []*sql.DB{a, b} {
			var count, sum int64
			var all string
			must(t, pool.QueryRowContext(t.Context(), query).Scan(&count, &sum, &all))
			results[i] = fmt.Sprint(count, sum, all)
		}
		if results[0] != results[1] {
			t.Errorf("%s: %.200s… and %.200s…", query, results[0], results[1])
		}
	}
}

// TestCopyInterrupted ends the context of a copy after each step, and goes on, until it is complete.
func TestCopyInterrupted(t *testing.T) {
	t.Parallel()
	for _, h := range homes {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			from, to := dbtest.OpenTemp(t, nil), h.open(t)
			execute(t, from, many)
			interrupted := 0
			for {
				ctx, cancel := context.WithCancel(t.Context())
				steps := 0
				err := db.Copy(ctx, from, to, smallChunks(5000), db.WithCopyProgress(func(p db.CopyProgress) {
					if steps++; steps == 2 && p.Compared == 0 {
						cancel()
					}
				}))
				cancel()
				if err == nil {
					break
				}
				if interrupted++; !errors.Is(err, context.Canceled) || interrupted > 100 {
					t.Fatalf("run %d: %v", interrupted, err)
				}
				if copied := get[int64](t, to, "SELECT count(*) FROM sqlite_schema WHERE name = 'duolite_copy'"); copied != 1 {
					t.Fatal("an unfinished copy isn't marked as one")
				}
			}
			if interrupted < 5 {
				t.Errorf("interrupted %d times, want more", interrupted)
			}
			sameRows(t, from, to)
		})
	}
}

// TestCopyOfChanges: if the source was written while a copy was interrupted, the copy isn't taken for complete.
func TestCopyOfChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a row that was copied":  "UPDATE t SET x = 'changed' WHERE id = 1",
		"a row before the place": "INSERT INTO t (id, n) VALUES (-1, -1)",
		"the schema":             "ALTER TABLE v ADD COLUMN y",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := dbtest.OpenTemp(t, nil), dbtest.OpenTemp(t, nil)
			execute(t, from, many)
			ctx, cancel := context.WithCancel(t.Context())
			err := db.Copy(ctx, from, to, smallChunks(5000), db.WithCopyProgress(func(db.CopyProgress) { cancel() }))
			check(t, "interrupted", errors.Is(err, context.Canceled), true)
			execute(t, from, change)
			want := db.ErrDiffers
			if name == "the schema" {
				want = db.ErrNotEmpty
			}
			for range 2 { // it stays so
				if err := db.Copy(t.Context(), from, to); !errors.Is(err, want) {
					t.Errorf("error %v, want %v", err, want)
				}
			}
		})
	}
	t.Run("an unfinished copy", func(t *testing.T) {
		from, to := dbtest.OpenTemp(t, nil), dbtest.OpenTemp(t, nil)
		execute(t, from, many)
		ctx, cancel := context.WithCancel(t.Context())
		_ = db.Copy(ctx, from, to, smallChunks(5000), db.WithCopyProgress(func(db.CopyProgress) { cancel() }))
		err := db.Copy(t.Context(), to, dbtest.OpenTemp(t, nil))
		if err == nil || !strings.Contains(err.Error(), "the source is an unfinished copy") {
			t.Errorf("error %v", err)
		}
	})
}

// TestCopySnapshot: a copy of a database that is written meanwhile is its state at one moment.
func TestCopySnapshot(t *testing.T) {
	t.Parallel()
	for _, h := range homes {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			from, to := h.open(t), dbtest.OpenTemp(t, nil)
			execute(t, from, many, "CREATE TABLE sums (id INTEGER PRIMARY KEY, n INT)", "INSERT INTO sums SELECT id, 0 FROM t")
			writes := 0
			must(t, db.Copy(t.Context(), from, to, smallChunks(2000), db.WithCopyProgress(func(p db.CopyProgress) {
				if writes++; writes < 30 {
					execute(t, from, fmt.Sprintf("UPDATE t SET n = n + 1000 WHERE id = %d; UPDATE sums SET n = n - 1000 WHERE id = %d", writes*17, 600-writes))
				}
			})))
			const sum = "SELECT (SELECT sum(n) FROM t) + (SELECT sum(n) FROM sums)"
			check(t, "sum", get[int64](t, to, sum), get[int64](t, from, sum))
			check(t, "rows changed meanwhile", get[int64](t, to, "SELECT count(*) FROM sums WHERE n <> 0"), int64(0))
		})
	}
}

// TestCopyLosesReplies copies to and from a server whose replies get lost: the copy goes on by itself, and no row is missing or twice.
func TestCopyLosesReplies(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	server := dbtest.StartServer(t)
	proxy := startProxy(t, server.URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, _ []byte) {
		switch seen.Add(1) % 47 {
		case 13: // after it ran
			p.forward.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case 30: // before
			panic(http.ErrAbortHandler)
		}
		p.forward.ServeHTTP(w, r)
	})
	from := dbtest.OpenTemp(t, nil)
	execute(t, from, many)
	far := open(t, proxy.URL)
	must(t, db.Copy(t.Context(), from, far, smallChunks(1000)))
	sameRows(t, from, open(t, server.URL()))
	if n := seen.Load(); n < 50 {
		t.Errorf("%d requests, want many", n)
	}
}

func init() {
	orders["copy"] = func(ctx context.Context, argument string) error {
		from, to, _ := strings.Cut(argument, " ")
		source, err := db.Open(ctx, from)
		if err != nil {
			return err
		}
		defer source.Close()
		target, err := db.Open(ctx, to)
		if err != nil {
			return err
		}
		defer target.Close()
		return db.Copy(ctx, source, target, smallChunks(1000), db.WithCopyProgress(func(db.CopyProgress) { fmt.Println("step") }))
	}
}

// TestCopyKilled kills the process that copies, at random moments, and starts another one, until the copy is complete. make soak
// kills 50 processes in each direction.
func TestCopyKilled(t *testing.T) {
	t.Parallel()
	kills := 4
	if soaks {
		kills = 50
	}
	for _, ends := range [][2]home{{homes[0], homes[2]}, {homes[2], homes[0]}, {homes[0], homes[0]}} {
		t.Run(ends[0].name+" to "+ends[1].name, func(t *testing.T) {
			t.Parallel()
			fromURL := newURL(t, ends[0])
			from := open(t, fromURL)
			execute(t, from, many)
			for killed, inside := 0, 0; killed < kills || inside == 0; {
				toURL := newURL(t, ends[1])
				to := open(t, toURL)
				last := int64(-1)
				here := 0 // the number of processes that are killed in this copy
				for !copyAndDie(t, fromURL+" "+toURL, steps(kills, here), time.Duration(rand.Int64N(int64(4*time.Millisecond)))) {
					killed++
					here++
					var step int64
					if err := to.QueryRowContext(t.Context(), "SELECT step FROM duolite_copy").Scan(&step); err != nil {
						continue // nothing was begun, or all is done
					}
					inside++
					if step < last {
						t.Errorf("step %d, after step %d", step, last)
					}
					last = step
				}
				sameRows(t, from, to)
				check(t, "the mark is gone", get[int64](t, to, "SELECT count(*) FROM sqlite_schema WHERE name = 'duolite_copy'"), int64(0))
				to.Close()
				if killed >= kills {
					t.Logf("%d processes were killed, %d of them in the middle", killed, inside)
				}
			}
		})
	}
}

// steps returns the number of steps after which a process is killed. It is 0, for never, after enough processes.
func steps(kills, killed int) int {
	if killed >= kills {
		return 0
	}
	return 1 + rand.IntN(60)
}

// newURL returns the URL of a new database.
func newURL(t *testing.T, h home) string {
	if h.remote {
		return dbtest.StartServer(t).URL()
	}
	return filepath.Join(t.TempDir(), "copy.db")
}

// copyAndDie copies in a process of its own, and kills it some time after a number of steps. It reports whether the copy was complete
// before.
func copyAndDie(t *testing.T, argument string, steps int, after time.Duration) (complete bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	cmd.Stdin = strings.NewReader("copy " + argument + "\n")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch text := lines.Text(); text {
		case "step":
			if steps--; steps == 0 {
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			}
		case "ok":
			complete = true
		default:
			t.Error(text)
			complete = true
		}
	}
	_ = cmd.Wait()
	return complete
}
