package conformance

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/db/internal/replay"
)

var destinationCases = []testCase{
	{"each value into each Go type", destinations},
	{"in a batch", destinationsInBatch},
	{"Scan twice, and after other statements", scanAgain},
	{"Scan after another statement, in a result of 12 MB", scanLargeLater},
}

// stored has values by their SQL, for the columns x (any type) and at (DATETIME) of table t.
var stored = []string{
	"NULL", "0", "1", "-1", "2", "127", "128", "300", "9223372036854775807", "-9223372036854775808", "1700000000",
	"0.0", "-0.0", "1.0", "0.5", "1e300", "-1e-300", "2460000.5",
	"''", "'a'", "'1'", "'0'", "'true'", "'TRUE'", "'-12.5'", "'300'", "'null'", "'{\"a\": [1]}'", "'Ünïcode ☃'", "'a' || char(0) || 'b'",
	"'2024-06-07'", "'2024-06-07 08:09:10'", "'2024-06-07 08:09:10.123'", "'2024-06-07T08:09:10.123456Z'", "'2024-06-07 08:09:10+02:00'", "'99999-01-01'",
	"x''", "x'00'", "x'31'", "x'FF'", "x'7B7D'", "x'323032342D30362D30372030383A30393A3130'", "zeroblob(3)",
}

// Types of a program, besides those in value_types.go.
type (
	moment   time.Time
	document struct{ A []int }
)

// A witness is a Scanner that retains its source, as a program may.
type witness struct{ src any }

func (w *witness) Scan(src any) error {
	if src == "a" {
		return fmt.Errorf("the witness refuses %v", src)
	}
	w.src = src
	return nil
}

// newDestinations returns a new destination of each kind.
func newDestinations() []any {
	return []any{
		new(int64), new(int), new(int32), new(int8), new(uint64), new(uint8), new(float64), new(float32), new(bool), new(string), new([]byte), new(any),
		new(time.Time),
		new(*int64), new(*int), new(*int8), new(*float64), new(*bool), new(*string), new(*[]byte), new(*time.Time), new(**string),
		new(sql.NullInt64), new(sql.NullInt32), new(sql.NullInt16), new(sql.NullByte), new(sql.NullFloat64), new(sql.NullBool), new(sql.NullString), new(sql.NullTime),
		new(sql.Null[int64]), new(sql.Null[string]), new(sql.Null[float64]), new(sql.Null[bool]), new(sql.Null[time.Time]), new(sql.Null[[]byte]),
		new(label), new(count), new(celsius), new(flag), new(image), new(*label), new(*flag), new(moment), new(witness), new(document),
		new(dbtype.Time), new(*dbtype.Time), new(dbtype.Date), new(dbtype.JSON), new(dbtype.Of[document]), new(dbtype.Of[any]),
		(*int64)(nil), (**string)(nil), (*float64)(nil), "no pointer", nil,
		new(sql.RawBytes), // the last one: it belongs to the row, which can't be scanned again
	}
}

// valueRows are rows that database/sql reads by Next alone.
type valueRows struct {
	columns []string
	row     []driver.Value // nil after Next
}

func (r *valueRows) Columns() []string { return r.columns }

func (r *valueRows) Close() error { return nil }

func (r *valueRows) Next(dest []driver.Value) error {
	if r.row == nil {
		return io.EOF
	}
	copy(dest, r.row)
	r.row = nil
	return nil
}

// An outcome is the outcome of a Scan.
type outcome struct {
	value string
	err   error
}

// A destinationQuery stands for generated code.
type destinationQuery struct{ db dbtx }

// scan reads one value, and scans it into each destination.
func (q destinationQuery) scan(ctx context.Context, column string, row int, dests []any) ([]outcome, error) {
	rows, err := q.db.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM t WHERE id = %d", column, row))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return scanned(rows, dests)
}

func scanned(rows *sql.Rows, dests []any) (outcomes []outcome, err error) {
	if !rows.Next() {
		return nil, fmt.Errorf("no row: %w", rows.Err())
	}
	for _, dest := range dests {
		err := rows.Scan(dest)
		outcomes = append(outcomes, outcome{shown(dest), err})
	}
	return outcomes, nil
}

// shown returns the value behind a destination, with its types, and the bits of floats.
func shown(dest any) string {
	v := reflect.ValueOf(dest)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Sprintf("%T", dest)
	}
	switch value := v.Elem().Interface().(type) {
	case *time.Time, *string, *int64, *int, *int8, *float64, *bool, *[]byte, *label, *flag, *dbtype.Time, **string:
		return fmt.Sprintf("%T to %s", value, shown(value))
	case time.Time:
		return "time " + value.Format(time.RFC3339Nano) + " " + dbtype.FormatTime(value)
	case dbtype.Time:
		return "dbtype.Time " + value.String() + " " + value.Format(time.RFC3339Nano)
	case sql.NullTime:
		return fmt.Sprint("NullTime ", value.Valid, shown(&value.Time))
	case sql.Null[time.Time]:
		return fmt.Sprint("Null ", value.Valid, shown(&value.V))
	case float64:
		return fmt.Sprintf("float64 %x", math.Float64bits(value))
	case witness:
		return "witness of " + shown(&value.src)
	default:
		return fmt.Sprintf("%#v", value)
	}
}

// storeAll fills table t with a row for each value.
func (t *tester) storeAll() {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x, at DATETIME)",
		"INSERT INTO t (x, at) VALUES ("+strings.Join(doubled(stored), "), (")+")")
}

func doubled(values []string) (pairs []string) {
	for _, v := range values {
		pairs = append(pairs, v+", "+v)
	}
	return pairs
}

// reference scans a value as database/sql does if the driver returns it by Next.
func (t *tester) reference(plain *sql.DB, column string, value driver.Value, dests []any) []outcome {
	answer := replay.Answer(t.ctx, &valueRows{[]string{column}, []driver.Value{value}}, nil)
	rows, err := plain.QueryContext(answer, "")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	outcomes, err := scanned(rows, dests)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// driverValue returns the only value of a query, as [driver.Rows] returns it.
func (t *tester) driverValue(text string) driver.Value {
	t.Helper()
	row := make([]driver.Value, 1)
	conn := t.conn(t.pool)
	defer conn.Close()
	err := conn.Raw(func(raw any) error {
		rows, err := raw.(driver.QueryerContext).QueryContext(t.ctx, text, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		return rows.Next(row)
	})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return row[0]
}

// eachDestination calls scan for each value with the destinations, and compares the outcomes with
// the reference.
func (t *tester) eachDestination(scan func(column string, row int, dests []any) ([]outcome, error)) {
	t.storeAll()
	plain := replay.Open()
	defer plain.Close()
	for i, stored := range stored {
		for _, column := range []string{"x", "at"} {
			value := t.driverValue(fmt.Sprintf("SELECT %s FROM t WHERE id = %d", column, i+1))
			dests := newDestinations()
			got, err := scan(column, i+1, dests)
			if err != nil {
				t.Fatalf("%s in %s: %v", stored, column, err)
			}
			for j, want := range t.reference(plain, column, value, newDestinations()) {
				name := fmt.Sprintf("%s in %s into %T", stored, column, dests[j])
				t.equal(name, got[j].value, want.value)
				t.equal("the error of "+name, fmt.Sprint(got[j].err), fmt.Sprint(want.err))
			}
		}
	}
}

func destinations(t *tester) {
	t.eachDestination(func(column string, row int, dests []any) ([]outcome, error) {
		return destinationQuery{t.pool}.scan(t.ctx, column, row, dests)
	})
}

func destinationsInBatch(t *tester) {
	t.eachDestination(func(column string, row int, dests []any) ([]outcome, error) {
		b := db.NewBatch(t.pool, func(on dbtx) destinationQuery { return destinationQuery{on} })
		outcomes := db.Queue(b, func(q destinationQuery) ([]outcome, error) { return q.scan(t.ctx, column, row, dests) })
		if err := b.Run(t.ctx); err != nil {
			return nil, err
		}
		return outcomes.Get()
	})
}

// scanAgain scans a row more than once, with statements between that read and change the table,
// and after the transaction of the rows has ended.
func scanAgain(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT, y BLOB, at DATETIME)",
		"INSERT INTO t VALUES ('first', x'01', '2024-06-07 08:09:10'), ('second', x'02', '2024-06-08 08:09:10')")
	tx := t.begin(t.pool, nil)
	rows, err := tx.QueryContext(t.ctx, "SELECT x, y, at FROM t ORDER BY x")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	check := func(when, want string, blob byte, day int) {
		t.Helper()
		var x string
		var y []byte
		var at time.Time
		if err := rows.Scan(&x, &y, &at); err != nil {
			t.Errorf("Scan %s: %v", when, err)
			return
		}
		t.equal(when, []any{x, y, at}, []any{want, []byte{blob}, time.Date(2024, 6, day, 8, 9, 10, 0, time.UTC)})
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	check("once", "first", 1, 7)
	check("twice", "first", 1, 7)
	t.wantValue(tx, int64(2), "SELECT count(*) FROM t")
	check("after a query", "first", 1, 7)
	t.exec(tx, "SAVEPOINT a")
	t.exec(tx, "UPDATE t SET x = x || ' changed', y = zeroblob(100), at = NULL")
	check("after an update", "first", 1, 7)
	t.exec(tx, "DELETE FROM t")
	check("after a deletion", "first", 1, 7)
	t.exec(tx, "CREATE TABLE other (x)")
	check("after a change of the schema", "first", 1, 7)
	t.exec(tx, "ROLLBACK TO a")
	check("after a rollback to a savepoint", "first", 1, 7)
}

// scanLargeLater scans rows of a large result after another statement of the transaction. A server
// sends such a result in parts, which are read ahead of the other statement.
func scanLargeLater(t *tester) {
	const rows, size = 250, 50_000
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)",
		fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT i, printf('%%0%dd', i) FROM n", rows, size))
	tx := t.begin(t.pool, nil)
	all, err := tx.QueryContext(t.ctx, "SELECT id, x FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	n := 0
	for all.Next() {
		n++
		if n%100 == 1 {
			t.wantValue(tx, int64(rows), "SELECT count(*) FROM t")
		}
		var id int
		var x string
		if err := all.Scan(&id, &x); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%0*d", size, n); id != n || x != want {
			t.Fatalf("row %d: got %d and %s", n, id, brief(x))
		}
	}
	t.equal("the rows and their error", []any{n, all.Err()}, []any{rows, nil})
}
