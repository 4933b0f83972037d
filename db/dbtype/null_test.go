package dbtype_test

import (
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

// TestSQLNull wants the standard library's form of NULL to work with each type, for
// programs that take no pointers.
func TestSQLNull(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		nullRoundTrip(t, pool, dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)))
		nullRoundTrip(t, pool, dbtype.JSON(`{"a": 1}`))
		nullRoundTrip(t, pool, dbtype.Of[settings]{V: someSettings()})
	})
}

func nullRoundTrip[T any](t *testing.T, pool *sql.DB, v T) {
	t.Helper()
	for _, want := range []sql.Null[T]{{V: v, Valid: true}, {}} {
		class := map[bool]string{true: "text", false: "null"}[want.Valid]
		got := sql.Null[T]{V: v}
		if stored := roundTrip(t, pool, "json", want, &got); stored != class {
			t.Errorf("%v is stored as %s", want, stored)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestNullInJSON is why the manual has pointers.
func TestNullInJSON(t *testing.T) {
	at := dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	for want, v := range map[string]any{
		`null`:                       (*dbtype.Time)(nil),
		`"2026-01-02T03:04:05.000Z"`: &at,
		`{"V":"2026-01-02T03:04:05.000Z","Valid":true}`: sql.Null[dbtype.Time]{V: at, Valid: true},
	} {
		if text, err := json.Marshal(v); err != nil || string(text) != want {
			t.Errorf("%v is %s, %v; want %s", v, text, err, want)
		}
	}
}

// TestBool: a bool needs no type of ours, whatever the column is declared.
func TestBool(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		if _, err := pool.ExecContext(t.Context(), "CREATE TABLE t (i INTEGER NOT NULL, n INTEGER) STRICT; CREATE TABLE b (i boolean, n boolean)"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"t", "b"} {
			for _, want := range []bool{true, false} {
				var got, most, expression bool
				var none *bool
				if _, err := pool.ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
					t.Fatal(err)
				}
				if _, err := pool.ExecContext(t.Context(), "INSERT INTO "+table+" VALUES (?, ?)", want, none); err != nil {
					t.Fatal(err)
				}
				err := pool.QueryRowContext(t.Context(), "SELECT i, n, max(i), i AND TRUE FROM "+table+" WHERE i = ?", want).Scan(&got, &none, &most, &expression)
				if err != nil || got != want || none != nil || most != want || expression != want {
					t.Errorf("%v comes back from %s as %v, %v, %v, %v, %v", want, table, got, none, most, expression, err)
				}
			}
		}
	})
}
