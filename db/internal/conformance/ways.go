package conformance

import (
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db"
)

// A way is a way in which a program can run a statement.
type way struct {
	name string
	run  func(t *tester, text string, args ...any) error
}

// ways lists all of them. The transaction used by one of them must continue after a failed
// statement.
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

// refused checks that a statement fails in each way.
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

// scan scans the first value of a row. No row isn't an error.
func scan(row *sql.Row) error {
	err := row.Scan(new(any))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
