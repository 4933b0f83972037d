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

// bound is longer than any case takes that doesn't hang.
const bound = 2 * time.Minute

// A tester is the test of a case. It has a pool on an empty database.
type tester struct {
	*testing.T
	ctx     context.Context
	fixture *fixture
	pool    *sql.DB
}

// Context returns a context that ends with the test, or after two minutes.
func (t *tester) Context() context.Context { return t.ctx }

// open opens another pool on the database. When the case ends, all its connections must be
// back in the pool.
func (t *tester) open(opts ...db.Option) *sql.DB {
	t.Helper()
	pool := t.fixture.open(t.T, opts...)
	t.Cleanup(func() {
		// database/sql returns connections of canceled calls in a goroutine.
		for deadline := time.Now().Add(10 * time.Second); pool.Stats().InUse > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("%d connections are still in use", pool.Stats().InUse)
				return
			}
		}
	})
	return pool
}

// remote reports whether the engine uses a server.
func (t *tester) remote() bool { return t.fixture.database.Server != nil }

// A querier is a *sql.DB, *sql.Conn or *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// exec runs a statement that must succeed.
func (t *tester) exec(q querier, text string, args ...any) sql.Result {
	t.Helper()
	result, err := q.ExecContext(t.ctx, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", brief(text), err)
	}
	return result
}

// setUp runs statements on the case's pool, which must succeed.
func (t *tester) setUp(statements ...string) {
	t.Helper()
	for _, statement := range statements {
		t.exec(t.pool, statement)
	}
}

// rows returns all rows of a query that must succeed.
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

// row returns the only row of a query that must succeed.
func (t *tester) row(q querier, text string, args ...any) []any {
	t.Helper()
	rows := t.rows(q, text, args...)
	if len(rows) != 1 {
		t.Fatalf("%s: %d rows, want 1", brief(text), len(rows))
	}
	return rows[0]
}

// value returns the only value of a query that must succeed.
func (t *tester) value(q querier, text string, args ...any) any {
	t.Helper()
	row := t.row(q, text, args...)
	if len(row) != 1 {
		t.Fatalf("%s: %d columns, want 1", brief(text), len(row))
	}
	return row[0]
}

// wantValue checks the only value of a query.
func (t *tester) wantValue(q querier, want any, text string, args ...any) {
	t.Helper()
	t.equal(brief(text), t.value(q, text, args...), want)
}

// wantLetters checks that the texts in column x of table t are the letters of want.
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

// begin begins a transaction, which is rolled back when the case ends.
func (t *tester) begin(pool *sql.DB, opts *sql.TxOptions) *sql.Tx {
	t.Helper()
	tx, err := pool.BeginTx(t.ctx, opts)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	t.Cleanup(func() { _ = tx.Rollback() }) // usually it has ended before
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

// conn takes a connection from a pool until the case ends.
func (t *tester) conn(pool *sql.DB) *sql.Conn {
	t.Helper()
	conn, err := pool.Conn(t.ctx)
	if err != nil {
		t.Fatalf("conn: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // most cases close it themselves
	return conn
}

// prepare prepares a statement until the case ends.
func (t *tester) prepare(q querier, text string) *sql.Stmt {
	t.Helper()
	stmt, err := q.PrepareContext(t.ctx, text)
	if err != nil {
		t.Fatalf("prepare %s: %v", brief(text), err)
	}
	t.Cleanup(func() { _ = stmt.Close() })
	return stmt
}

// equal checks that two values are the same, including their types and the zones of times. A
// time read from the database is in UTC, but its Location may be one that holds its form.
func (t *tester) equal(what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(plainUTC(got), want) {
		t.Errorf("%s: got %s, want %s", what, show(got), show(want))
	}
}

// plainUTC returns a value with all times of UTC in [time.UTC].
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

// fails checks that err isn't nil, and reports so.
func (t *tester) fails(what string, err error) bool {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", brief(what))
	}
	return err != nil
}

// failsAs checks that err is of a kind.
func (t *tester) failsAs(what string, err, kind error) bool {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: error %v, want one that is %q", brief(what), err, kind)
		return false
	}
	return true
}

// brief shortens a text for a message.
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
