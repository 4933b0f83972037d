//go:build go1.27

package contract

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type (
	ownText string
	ownInt  int64
)

// newDests returns a new destination of each kind, also nil pointers.
func newDests() []any {
	return []any{
		new(int64), new(int), new(int8), new(uint64), new(float64), new(float32), new(bool), new(string), new([]byte), new(any), new(time.Time),
		new(*int64), new(*int), new(*float64), new(*bool), new(*string), new(*[]byte), new(*time.Time), new(**int64),
		new(sql.NullInt64), new(sql.NullInt32), new(sql.NullFloat64), new(sql.NullBool), new(sql.NullString), new(sql.NullTime),
		new(sql.Null[int64]), new(sql.Null[string]), new(sql.Null[[]byte]), new(sql.Null[time.Time]),
		new(ownText), new(ownInt), new(*ownText), new(dbtype.Time), new(*dbtype.Time), new(dbtype.Date), new(dbtype.JSON),
		(*int64)(nil), (*string)(nil), (*[]byte)(nil), (*any)(nil), (*bool)(nil), (*float64)(nil), (*time.Time)(nil),
		(**int64)(nil), (**string)(nil), (**time.Time)(nil), (*sql.NullInt64)(nil), (*sql.NullString)(nil), "no pointer", nil,
	}
}

// FuzzScan compares scan with database/sql's conversion of the same value.
func FuzzScan(f *testing.F) {
	for class := range uint8(5) {
		for _, text := range []string{"", "a", "1", "true", "-0.5", "2024-06-07 08:09:10", "2024-06-07T08:09:10.5+02:00", `{"a": 1}`, "\xff"} {
			for _, bits := range []uint64{0, 1, 2, 300, math.MaxInt64, 1 << 63, math.Float64bits(1.5), math.Float64bits(math.NaN())} {
				f.Add(class, bits, text, true)
				f.Add(class, bits, text, false)
			}
		}
	}
	f.Fuzz(func(t *testing.T, class uint8, bits uint64, text string, isTime bool) {
		var v engine.Value
		switch engine.Class(class % 5) {
		case engine.Integer:
			v = engine.IntegerValue(int64(bits))
		case engine.Real:
			v = engine.RealValue(math.Float64frombits(bits))
		case engine.Text:
			v = engine.TextValue([]byte(text))
		case engine.Blob:
			v = engine.BlobValue([]byte(text))
		}
		shape := newShape([]engine.Column{{Declared: map[bool]string{true: "DATETIME", false: "TEXT"}[isTime]}})
		want := newDests()
		for i, dest := range newDests() {
			row := []driver.Value{v.Copy()}
			shape.convert(row)
			wantErr := try(func() error { return sql.ConvertAssign(driver.ScanContext{}, want[i], row[0]) })
			err := try(func() error { return scan(driver.ScanContext{}, dest, v, shape.isTime[0]) })
			for j := range v.Bytes { // a value that dest retains must be a copy
				v.Bytes[j] ^= 0xff
			}
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%v into %T: error %v, want %v", row[0], dest, err, wantErr)
			}
			if diff := cmp.Diff(want[i], dest, sameBits64, sameBits32, cmpopts.EquateComparable(time.Time{}, dbtype.Date{})); diff != "" {
				t.Errorf("%v into %T (-database/sql +scan):\n%s", row[0], dest, diff)
			}
			for j := range v.Bytes {
				v.Bytes[j] ^= 0xff
			}
		}
	})
}

var (
	sameBits64 = cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })
	sameBits32 = cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
)

// try calls f, and returns its panic as an error: database/sql panics for some nil pointers.
func try(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
