package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// bound is what no case takes, unless something hangs.
const bound = 2 * time.Minute

// A tester is the test of a case, with a pool on a database that is empty and that the
// case has to itself.
type tester struct {
	*testing.T
	ctx  context.Context
	home *home
	pool *sql.DB
}

// Context returns a context that ends with the test, or at a generous deadline.
func (t *tester) Context() context.Context { return t.ctx }

// open opens one more pool on the database. When the case ends all its connections have
// to be back in it.
func (t *tester) open(opts ...db.Option) *sql.DB {
	t.Helper()
	pool := t.home.open(t.T, opts...)
	t.Cleanup(func() {
		// What a context ended, database/sql returns to the pool in a goroutine.
		for deadline := time.Now().Add(10 * time.Second); pool.Stats().InUse > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("%d connections are still in use", pool.Stats().InUse)
				return
			}
		}
	})
	return pool
}

// remote reports whether the engine talks to a server.
func (t *tester) remote() bool { return t.home.database.Server != nil }

// A querier is a *sql.DB, *sql.Conn or *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// exec runs a statement that has to succeed.
func (t *tester) exec(q querier, text string, args ...any) sql.Result {
	t.Helper()
	result, err := q.ExecContext(t.ctx, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", brief(text), err)
	}
	return result
}

// setUp runs statements on the case's pool, which have to succeed.
func (t *tester) setUp(statements ...string) {
	t.Helper()
	for _, statement := range statements {
		t.exec(t.pool, statement)
	}
}

// rows returns all rows of a query that has to succeed.
func (t *tester) rows(q querier, text string, args ...any) [][]any {
	t.Helper()
	rows, err := q.QueryContext(t.ctx, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", brief(text), err)
	}
	values, err := readAll(rows)
	if err != nil {
		t.Fatalf("%s: %v", brief(text), err)
	}
	return values
}

// row returns the only row of a query that has to succeed.
func (t *tester) row(q querier, text string, args ...any) []any {
	t.Helper()
	rows := t.rows(q, text, args...)
	if len(rows) != 1 {
		t.Fatalf("%s: %d rows, want 1", brief(text), len(rows))
	}
	return rows[0]
}

// value returns the only value of a query that has to succeed.
func (t *tester) value(q querier, text string, args ...any) any {
	t.Helper()
	row := t.row(q, text, args...)
	if len(row) != 1 {
		t.Fatalf("%s: %d columns, want 1", brief(text), len(row))
	}
	return row[0]
}

// wantValue wants the only value of a query to be want.
func (t *tester) wantValue(q querier, want any, text string, args ...any) {
	t.Helper()
	t.equal(brief(text), t.value(q, text, args...), want)
}

// wantLetters wants the texts in the column x of the table t to be the letters of want.
func (t *tester) wantLetters(q querier, want string) {
	t.Helper()
	var got strings.Builder
	for _, row := range t.rows(q, "SELECT x FROM t ORDER BY x") {
		fmt.Fprint(&got, row[0])
	}
	t.equal("the letters in the table", got.String(), want)
}

// readAll reads rows to their end and closes them.
func readAll(rows *sql.Rows) (all [][]any, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		dest := make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// begin begins a transaction. Should the case fail it is rolled back.
func (t *tester) begin(pool *sql.DB, opts *sql.TxOptions) *sql.Tx {
	t.Helper()
	tx, err := pool.BeginTx(t.ctx, opts)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	t.Cleanup(func() { _ = tx.Rollback() }) // almost always it is over by now
	return tx
}

func (t *tester) commit(tx *sql.Tx) {
	t.Helper()
	if err := tx.Commit(); err != nil {
		t.Errorf("commit: %v", err)
	}
}

func (t *tester) rollback(tx *sql.Tx) {
	t.Helper()
	if err := tx.Rollback(); err != nil {
		t.Errorf("rollback: %v", err)
	}
}

// conn takes a connection out of a pool, until the case ends.
func (t *tester) conn(pool *sql.DB) *sql.Conn {
	t.Helper()
	conn, err := pool.Conn(t.ctx)
	if err != nil {
		t.Fatalf("conn: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // most cases close it themselves
	return conn
}

// prepare prepares a statement, which is closed when the case ends.
func (t *tester) prepare(q querier, text string) *sql.Stmt {
	t.Helper()
	stmt, err := q.PrepareContext(t.ctx, text)
	if err != nil {
		t.Fatalf("prepare %s: %v", brief(text), err)
	}
	t.Cleanup(func() { _ = stmt.Close() })
	return stmt
}

// equal wants two values to be the same, types and the zones of times included. A time that
// was read is in UTC, though its Location may be another one, which remembers its form.
func (t *tester) equal(what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(plainUTC(got), want) {
		t.Errorf("%s: got %s, want %s", what, show(got), show(want))
	}
}

// plainUTC returns a value with its times of UTC in [time.UTC].
func plainUTC(value any) any {
	switch v := value.(type) {
	case time.Time:
		if name, offset := v.Zone(); name == "UTC" && offset == 0 {
			return v.UTC()
		}
	case []any:
		for i := range v {
			v[i] = plainUTC(v[i])
		}
	case [][]any:
		for i := range v {
			plainUTC(v[i])
		}
	}
	return value
}

// fails wants an error. It returns false if there is none.
func (t *tester) fails(what string, err error) bool {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", brief(what))
	}
	return err != nil
}

// failsAs wants an error of a kind.
func (t *tester) failsAs(what string, err, kind error) bool {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: error %v, want one that is %q", brief(what), err, kind)
		return false
	}
	return true
}

// brief returns a text in a length that fits into a message.
func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 120 {
		return text[:117] + "..."
	}
	return text
}

func show(value any) string {
	text := fmt.Sprintf("%T %#v", value, value)
	if when, ok := value.(time.Time); ok {
		text = fmt.Sprintf("time.Time %v", when)
	}
	if len(text) > 300 {
		return fmt.Sprintf("%s... (%d bytes)", text[:300], len(text))
	}
	return text
}
