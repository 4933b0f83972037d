package wrappers_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// TestValues: what is stored of an argument, and what is refused, is the same on every way.
func TestValues(t *testing.T) {
	at := time.Date(2024, 3, 5, 11, 37, 8, 120e6, time.FixedZone("", 5*3600+1800))
	each(t, func(h *home) {
		stmt, err := h.pool.PrepareContext(h.Context(), "SELECT quote(?)")
		if err != nil {
			h.Fatal(err)
		}
		defer stmt.Close()
		for way, ask := range map[string]func(arg any) *sql.Row{
			"query":    func(arg any) *sql.Row { return h.pool.QueryRowContext(h.Context(), "SELECT quote(?)", arg) },
			"prepared": func(arg any) *sql.Row { return stmt.QueryRowContext(h.Context(), arg) },
			"lean":     func(arg any) *sql.Row { return db.Lean(h.pool).QueryRowContext(h.Context(), "SELECT quote(?)", arg) },
		} {
			for _, tt := range []struct {
				arg  any
				want string
			}{
				{nil, "NULL"}, {[]byte(nil), "NULL"}, {[]byte{}, "X''"}, {[]byte{1}, "X'01'"}, {"", "''"},
				{true, "1"}, {int64(math.MinInt64), "-9223372036854775808"}, {0.5, "0.5"}, {at, "'2024-03-05 06:07:08.120'"},
				{(*string)(nil), "NULL"}, {sql.NullTime{}, "NULL"}, {sql.NullTime{Time: at, Valid: true}, "'2024-03-05 06:07:08.120'"},
			} {
				var got string
				if err := ask(tt.arg).Scan(&got); err != nil || got != tt.want {
					h.Errorf("%s of %#v: %s, %v, want %s", way, tt.arg, got, err, tt.want)
				}
			}
			for _, arg := range []any{math.NaN(), math.Inf(1), "secret\xff", uint64(math.MaxUint64), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
				var got string
				if err := ask(arg).Scan(&got); err == nil {
					h.Errorf("%s of %#v: %s, want an error", way, arg, got)
				} else if strings.Contains(err.Error(), "secret") {
					h.Errorf("%s of %#v: the error shows it: %v", way, arg, err)
				}
			}
		}
	})
}

// TestNames: arguments go by name too.
func TestNames(t *testing.T) {
	each(t, func(h *home) {
		h.want(h.pool, "SELECT :a || :b", "xy", sql.Named("b", "y"), sql.Named("a", "x"))
	})
}

// TestErrors: errors have their kinds.
func TestErrors(t *testing.T) {
	each(t, func(h *home) {
		h.exec(h.pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, x NOT NULL)")
		h.exec(h.pool, "INSERT INTO t VALUES (1, 2)")
		for text, want := range map[string]error{
			"INSERT INTO t VALUES (1, 2)":    db.ErrUnique,
			"INSERT INTO t VALUES (2, NULL)": db.ErrNotNull,
		} {
			_, err := h.pool.ExecContext(h.Context(), text)
			var e *db.Error
			if !errors.Is(err, want) || !errors.As(err, &e) {
				h.Errorf("%s: %v", text, err)
			}
		}
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		if _, err := h.pool.QueryContext(ctx, "SELECT 1"); !errors.Is(err, context.Canceled) {
			h.Errorf("a canceled query: %v", err)
		}
	})
}

// TestColumnTypes: what rows say of their columns, as far as the wrapper lets it through.
func TestColumnTypes(t *testing.T) {
	each(t, func(h *home) {
		h.exec(h.pool, "CREATE TABLE t (n INTEGER, s VARCHAR(20), at DATETIME)")
		h.exec(h.pool, "INSERT INTO t VALUES (1, 'a', '2024-03-05 06:07:08')")
		rows, err := h.pool.QueryContext(h.Context(), "SELECT * FROM t")
		if err != nil {
			h.Fatal(err)
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil {
			h.Fatal(err)
		}
		length, hasLength := types[1].Length()
		got := []any{types[0].DatabaseTypeName(), types[1].DatabaseTypeName(), length, hasLength, types[0].ScanType()}
		want := []any{"INTEGER", "VARCHAR", int64(20), true, reflect.TypeFor[sql.NullInt64]()}
		if h.lacks.columnTypes {
			want = []any{"", "", int64(0), false, want[4]}
		}
		if h.lacks.scanType {
			want[4] = reflect.TypeFor[any]()
		}
		if !reflect.DeepEqual(got, want) {
			h.Errorf("column types %v, want %v", got, want)
		}
		var n int
		var s string
		var at time.Time
		if !rows.Next() {
			h.Fatal("no row")
		}
		if err := rows.Scan(&n, &s, &at); err != nil || at != time.Date(2024, 3, 5, 6, 7, 8, 0, time.UTC) {
			h.Errorf("%v, %v", at, err)
		}
	})
}
