package db_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestCopyArguments: options and pools that make no sense are errors of the arguments.
func TestCopyArguments(t *testing.T) {
	t.Parallel()
	pool := dbtest.OpenTemp(t, nil)
	for message, err := range map[string]error{
		"db: Copy: the source and the target are the same pool": db.Copy(t.Context(), pool, pool),
		"db: copy option 1 is nil":                              db.Copy(t.Context(), pool, nil, nil),
		"db: WithCopyProgress: the function is nil":             db.Copy(t.Context(), pool, nil, db.WithCopyProgress(nil)),
		"db: backup option 2 is nil":                            db.Backup(t.Context(), pool, "x", db.WithReplace(), nil),
		"db: WithBackupProgress: the function is nil":           db.Restore(t.Context(), "x", "y", db.WithBackupProgress(nil)),
	} {
		if !errors.Is(err, db.ErrConfig) || err.Error() != message {
			t.Errorf("error %v, want %s", err, message)
		}
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
	const (
		keys  = "CREATE TABLE t (x PRIMARY KEY) WITHOUT ROWID"
		utf16 = `the keys of the table "t", which is a WITHOUT ROWID table, have another order in UTF-16`
	)
	for name, test := range map[string]struct {
		from, to func(*testing.T) *sql.DB
		kind     error // or nil
		message  string
	}{
		"a target with another table": {
			file("CREATE TABLE t (x)"), file("CREATE TABLE other (x)"), db.ErrNotEmpty,
			`the target isn't empty: it has the table "other", and isn't the copy of this source; name an empty database`,
		},
		"too many columns": {
			file("CREATE TABLE t (" + columnsTo(2000) + ")"), file(), nil,
			`the table "t" can't be copied: it has 2000 columns and no INTEGER PRIMARY KEY, and a query returns at most 2000 columns, of which the rowid is one`,
		},
		"a table with the name of the mark": {
			file("CREATE TABLE Duolite_Copy (x)"), file(), nil,
			"the source is an unfinished copy: it has the table duolite_copy; complete that copy first",
		},
		"a temporary table in the target": {
			file("CREATE TABLE t (x)"), func(t *testing.T) *sql.DB {
				return open(t, tempPath(t), db.WithAfterConnect("CREATE TEMP TABLE T (x)"))
			}, nil,
			`the target's connection has a temporary table "T", which hides the one to copy; open the target without it`,
		},
		"a target with the same tables and other rows": {
			file("CREATE TABLE t (x); INSERT INTO t VALUES (1)"), file("CREATE TABLE t (x); INSERT INTO t VALUES (2)"), db.ErrNotEmpty,
			`the target isn't empty, and isn't the copy of this source: the copy differs: the rows of the table "t" aren't the same in both databases; name an empty database`,
		},
		"a target with fewer rows": {
			file("CREATE TABLE t (x); INSERT INTO t VALUES (1)"), file("CREATE TABLE t (x)"), db.ErrNotEmpty,
			`the target isn't empty, and isn't the copy of this source: the copy differs: the table "t" has 1 rows in the source and 0 in the target; name an empty database`,
		},
		"a target with another user_version": {
			file("CREATE TABLE t (x); PRAGMA user_version = 5"), file("CREATE TABLE t (x); PRAGMA user_version = 6"), db.ErrNotEmpty,
			`isn't the copy of this source: the copy differs: PRAGMA user_version is 5 in the source and 6 in the target`,
		},
		"a target with another application_id": {
			file("CREATE TABLE t (x); PRAGMA application_id = 7"), file("CREATE TABLE t (x)"), db.ErrNotEmpty,
			`isn't the copy of this source: the copy differs: PRAGMA application_id is 7 in the source and 0 in the target`,
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
		"a default with a function that the target doesn't have": {
			file("CREATE TABLE t (x, y DEFAULT (log2(8)))"), remote(), nil,
			`the target can't use the table "t": unknown function: log2()`,
		},
		"a trigger of a view with a function that the target doesn't have": {
			file("CREATE VIEW v AS SELECT 1 AS x; CREATE TRIGGER r INSTEAD OF UPDATE OF x ON v BEGIN SELECT log2(new.x); END"), remote(), nil,
			`the target can't use the trigger "r": no such function: log2`,
		},
		"a trigger of a table with generated columns": {
			file("CREATE TABLE t (x, y AS (x + 1)); CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT log2(new.x); END"), remote(), nil,
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
		"keys of a source in another encoding": {
			file("PRAGMA encoding = 'UTF-16le'; VACUUM", keys), file(), nil, utf16,
		},
		"keys of a target in another encoding": {
			file(keys), file("PRAGMA encoding = 'UTF-16be'; VACUUM"), nil, utf16,
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
