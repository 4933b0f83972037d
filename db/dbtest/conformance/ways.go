package conformance

import (
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db"
)

// A way is one of those that a program has to run a statement.
type way struct {
	name string
	run  func(t *tester, text string, args ...any) error
}

// ways are all of them. The transaction that one of them uses has to go on after the
// statement, however that ends.
var ways = []way{
	{"Exec", func(t *tester, text string, args ...any) error {
		_, err := t.pool.ExecContext(t.ctx, text, args...)
		return err
	}},
	{"Query", func(t *tester, text string, args ...any) error {
		return drain(t.pool.QueryContext(t.ctx, text, args...))
	}},
	{"QueryRow", func(t *tester, text string, args ...any) error {
		return scan(t.pool.QueryRowContext(t.ctx, text, args...))
	}},
	{"Query without a goroutine", func(t *tester, text string, args ...any) error {
		return drain(db.Lean(t.pool).QueryContext(t.ctx, text, args...))
	}},
	{"Prepare and Exec", func(t *tester, text string, args ...any) error {
		stmt, err := t.pool.PrepareContext(t.ctx, text)
		if err != nil {
			return err
		}
		defer stmt.Close()
		_, err = stmt.ExecContext(t.ctx, args...)
		return err
	}},
	{"Prepare and Query", func(t *tester, text string, args ...any) error {
		stmt, err := t.pool.PrepareContext(t.ctx, text)
		if err != nil {
			return err
		}
		defer stmt.Close()
		return drain(stmt.QueryContext(t.ctx, args...))
	}},
	{"Conn", func(t *tester, text string, args ...any) error {
		conn, err := t.pool.Conn(t.ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.ExecContext(t.ctx, text, args...)
		return err
	}},
	{"Tx", func(t *tester, text string, args ...any) error {
		tx := t.begin(t.pool, nil)
		_, err := tx.ExecContext(t.ctx, text, args...)
		t.wantValue(tx, int64(1), "SELECT 1")
		t.commit(tx)
		return err
	}},
}

// refused wants a statement to fail in each way that it may be run.
func (t *tester) refused(text string, args ...any) {
	t.Helper()
	for _, way := range ways {
		t.fails(way.name+" of "+text, way.run(t, text, args...))
	}
}

// drain reads rows to their end.
func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	_, err = readAll(rows)
	return err
}

// scan reads the first value of a row. It is no error if there is no row.
func scan(row *sql.Row) error {
	err := row.Scan(new(any))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
