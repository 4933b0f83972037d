package db_test

import (
	"context"
	"database/sql"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

// A valueRow has a value of each kind that is stored.
type valueRow struct {
	ID    int64
	I     int64
	U     uint32
	R     float64
	R32   float32
	S     string
	B     []byte
	T     time.Time
	D     dbtype.Time
	J     dbtype.JSON
	Yes   bool
	Maybe *string
	Any   any
	Null  sql.Null[string]
}

func (v valueRow) args() []any {
	return []any{v.ID, v.I, v.U, v.R, v.R32, v.S, v.B, v.T, v.D, v.J, v.Yes, v.Maybe, v.Any, v.Null}
}

const (
	valueColumns = "ID, I, U, R, R32, S, B, T, D, J, Yes, Maybe, \"Any\", \"Null\""

	// insertValues is as one writes it for sqlc.
	insertValues = `INSERT INTO bulk SELECT e.value ->> 'ID', e.value ->> 'I', e.value ->> 'U', e.value ->> 'R', e.value ->> 'R32',
		e.value ->> 'S', unhex(e.value ->> 'B'), e.value ->> 'T', e.value ->> 'D', e.value ->> 'J', e.value ->> 'Yes', e.value ->> 'Maybe',
		e.value ->> 'Any', e.value ->> 'Null' FROM json_each(CAST(? AS TEXT)) AS e`
)

// setUpValues makes a table for rows that come in bulk, and one for rows that come as
// arguments.
func setUpValues(t testing.TB, pool *sql.DB) {
	execute(t, pool, "CREATE TABLE bulk ("+valueColumns+")", "CREATE TABLE bound ("+valueColumns+")")
}

// storeBoth stores rows in both ways. The arguments are those of statements of many rows.
func storeBoth(t testing.TB, pool *sql.DB, rows ...valueRow) (bulkErr, boundErr error) {
	t.Helper()
	execute(t, pool, "DELETE FROM bulk", "DELETE FROM bound")
	var args []any
	for _, row := range rows {
		args = append(args, row.args()...)
	}
	one := "(?" + strings.Repeat(", ?", len(rows[0].args())-1) + ")"
	_, boundErr = pool.ExecContext(t.Context(), "INSERT INTO bound VALUES "+one+strings.Repeat(", "+one, len(rows)-1), args...)
	n, bulkErr := db.BulkExec(t.Context(), pool, newItems, rows, func(q *itemQueries, ctx context.Context, payload string) (int64, error) {
		result, err := q.db.ExecContext(ctx, insertValues, payload)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	})
	if bulkErr == nil && n != int64(len(rows)) {
		t.Errorf("%d rows are stored, want %d", n, len(rows))
	}
	return bulkErr, boundErr
}

// checkSame wants both ways to have stored the same values of the same types.
func checkSame(t testing.TB, pool *sql.DB) {
	t.Helper()
	for _, column := range strings.Split(valueColumns, ", ") {
		bulk, bound := "bulk."+column, "bound."+column
		rows, err := pool.QueryContext(t.Context(), "SELECT typeof("+bulk+"), hex("+bulk+"), typeof("+bound+"), hex("+bound+
			") FROM bulk JOIN bound USING (ID) WHERE "+bulk+" IS NOT "+bound+" OR typeof("+bulk+") <> typeof("+bound+") LIMIT 5")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var bulkType, bulkText, boundType, boundText string
			if err := rows.Scan(&bulkType, &bulkText, &boundType, &boundText); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s is stored as %s %s in bulk, and as %s %s from an argument", column, bulkType, bulkText, boundType, boundText)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if got := get[int](t, pool, "SELECT count(*) FROM bulk JOIN bound USING (ID)"); got != get[int](t, pool, "SELECT count(*) FROM bound") {
		t.Errorf("only %d rows are there", got)
	}
}

// TestBulkValues: each value is stored as it would be from an argument.
func TestBulkValues(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	rows := []valueRow{
		{I: math.MaxInt64, U: math.MaxUint32, R: math.MaxFloat64, R32: math.MaxFloat32, S: "a\x00b", B: []byte{}},
		{I: math.MinInt64, R: math.SmallestNonzeroFloat64, R32: math.SmallestNonzeroFloat32, S: "\"\\/\b\f\n\r\t\x01\x7f\u2028\U0001f600", Any: 1e15},
		{I: 1<<53 + 1, R: math.Copysign(0, -1), S: "null", B: []byte("text"), J: dbtype.JSON(` {"a" : 1.0, "b":[null,"é"]}`), Any: "a"},
		{I: -1, R: 0.972736028171514, R32: 0.1, S: "", J: dbtype.JSON("null"), Yes: true, Maybe: new("maybe"), Any: time.Unix(1, 1)},
		{R: 3.026505735348264e-149, S: "12", Null: sql.Null[string]{V: "there", Valid: true}, Any: true},
		{R: 1e15, R32: 16777216, Any: 1e22, J: dbtype.JSON(`"text"`)},
		{R: -999_999_999_999_999, Any: (*int)(nil), B: make([]byte, 1000)},
	}
	for len(rows) < 2000 {
		rows = append(rows, randomRow(random))
	}
	for i := range rows {
		rows[i].ID = int64(i)
		if rows[i].J == nil {
			rows[i].J = dbtype.JSON("{}")
		}
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		setUpValues(t, pool)
		bulkErr, boundErr := storeBoth(t, pool, rows...)
		check(t, "errors", []error{bulkErr, boundErr}, []error{nil, nil})
		checkSame(t, pool)
	})
}

// randomRow returns numbers of every size, and some text.
func randomRow(random *rand.Rand) valueRow {
	row := valueRow{
		I: int64(random.Uint64() >> random.IntN(64)), U: random.Uint32(), R: random.Float64(), R32: random.Float32(),
		T: time.Unix(random.Int64N(1e10), random.Int64N(1e9)), D: dbtype.NewTime(time.Unix(random.Int64N(1e10), 0)),
		Any: float64(random.IntN(1e9)) / 1000, Yes: random.IntN(2) == 0,
	}
	if bits := math.Float64frombits(random.Uint64()); !math.IsNaN(bits) && !math.IsInf(bits, 0) {
		row.R = bits
	}
	for range random.IntN(20) {
		row.B = append(row.B, byte(random.Uint32()))
		if r := rune(random.Int32N(1 << (1 + random.IntN(21)))); utf8.ValidRune(r) {
			row.S += string(r)
		}
	}
	return row
}

// FuzzBulkValues: each value is stored as it would be from an argument, or refused as it
// would be.
func FuzzBulkValues(f *testing.F) {
	f.Add(int64(math.MinInt64), uint32(math.MaxUint32), math.SmallestNonzeroFloat64, float32(0.1), "", []byte{}, int64(0), int64(0), "{}")
	f.Add(int64(1<<53+1), uint32(0), math.Copysign(0, -1), float32(1), "a\x00b", []byte{0}, int64(1<<40), int64(5), `"a"`)
	f.Add(int64(-1), uint32(1), math.Inf(1), float32(math.Inf(1)), "\xff", []byte("text"), int64(-1<<40), int64(1e9), "")
	f.Add(int64(0), uint32(1), math.NaN(), float32(0), "2024-03-05 06:07:08", []byte(nil), int64(1), int64(1e6), "[1, 2]")
	pool, err := db.Open(f.Context(), ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { pool.Close() })
	setUpValues(f, pool)
	f.Fuzz(func(t *testing.T, i int64, u uint32, r float64, r32 float32, s string, b []byte, second, nanosecond int64, j string) {
		at := time.Unix(second, nanosecond)
		row := valueRow{I: i, U: u, R: r, R32: r32, S: s, B: b, T: at, D: dbtype.Time{Time: at}, J: dbtype.JSON(j), Maybe: &s, Any: r}
		bulkErr, boundErr := storeBoth(t, pool, row)
		if (bulkErr == nil) != (boundErr == nil) {
			t.Fatalf("%+v: error %v in bulk, %v of an argument", row, bulkErr, boundErr)
		}
		if bulkErr == nil {
			checkSame(t, pool)
		}
	})
}
