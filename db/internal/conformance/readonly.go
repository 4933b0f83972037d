package conformance

import (
	"database/sql"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
)

func isolationLevels(t *tester) {
	for level := sql.LevelDefault; level <= sql.LevelLinearizable; level++ {
		for _, readOnly := range []bool{false, true} {
			what := fmt.Sprintf("%v, read-only %t", level, readOnly)
			tx, err := t.pool.BeginTx(t.ctx, &sql.TxOptions{Isolation: level, ReadOnly: readOnly})
			if level == sql.LevelDefault || level == sql.LevelSerializable {
				if err != nil {
					t.Errorf("%s: %v", what, err)
					continue
				}
				t.wantValue(tx, int64(1), "SELECT 1")
				t.commit(tx)
				continue
			}
			if t.fails(what, err) && !strings.Contains(strings.ToLower(err.Error()), "serializable") {
				t.Errorf("%s: the error %q doesn't say what would work", what, err)
			}
			if err == nil {
				t.rollback(tx)
			}
		}
	}
}

func readOnlyRefuses(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	tx := t.begin(t.pool, &sql.TxOptions{ReadOnly: true})
	t.wantLetters(tx, "a")
	for _, text := range []string{"INSERT INTO t VALUES ('b')", "UPDATE t SET x = 'b'", "DELETE FROM t", "CREATE TABLE u (x)", "DROP TABLE t",
		"WITH c AS (SELECT 'b') INSERT INTO t SELECT * FROM c", "SELECT 1; DELETE FROM t"} {
		_, err := tx.ExecContext(t.ctx, text)
		t.wantError(text, err, db.ErrReadOnly, 8, "")
	}
	t.failsAs("Query", drain(tx.QueryContext(t.ctx, "INSERT INTO t VALUES ('b') RETURNING x")), db.ErrReadOnly)
	if stmt, err := tx.PrepareContext(t.ctx, "DELETE FROM t WHERE x = ?"); err != nil {
		t.failsAs("Prepare", err, db.ErrReadOnly)
	} else {
		_, err := stmt.ExecContext(t.ctx, "a")
		t.failsAs("a prepared statement", err, db.ErrReadOnly)
	}
	t.wantLetters(tx, "a")
	t.commit(tx)
	t.wantLetters(t.pool, "a")
}

func readOnlyEnds(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.pool.SetMaxOpenConns(1) // the same connection writes afterwards
	for _, end := range []func(*sql.Tx){t.commit, t.rollback} {
		tx := t.begin(t.pool, &sql.TxOptions{ReadOnly: true})
		t.wantValue(tx, int64(1), "SELECT 1")
		end(tx)
		t.setUp("INSERT INTO t VALUES ('a')")
		tx = t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES ('b')")
		t.commit(tx)
	}
	t.wantLetters(t.pool, "aabb")
}

// readOnlySnapshot checks that a reader sees the database as of its first read, and doesn't
// block others.
func readOnlySnapshot(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	tx := t.begin(t.pool, &sql.TxOptions{ReadOnly: true})
	t.wantLetters(tx, "a")
	t.exec(t.open(), "INSERT INTO t VALUES ('b')")
	t.setUp("INSERT INTO t VALUES ('c')")
	t.wantLetters(tx, "a")
	t.wantLetters(t.pool, "abc")
	t.commit(tx)
	t.wantLetters(t.pool, "abc")
}
