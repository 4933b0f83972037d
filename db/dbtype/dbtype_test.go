package dbtype_test

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

// roundTrip stores v in a column of a declared type, reads it back into got, and
// returns the storage class that it had.
func roundTrip(t *testing.T, pool *sql.DB, declared string, v, got any) string {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS t_"+declared+" (v "+declared+")"); err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := pool.QueryRowContext(t.Context(), "INSERT INTO t_"+declared+" VALUES (?) RETURNING rowid", v).Scan(&id); err != nil {
		t.Fatalf("store %v: %v", v, err)
	}
	var class string
	if err := pool.QueryRowContext(t.Context(), "SELECT v, typeof(v) FROM t_"+declared+" WHERE rowid = ?", id).Scan(got, &class); err != nil {
		t.Fatalf("read back %v: %v", v, err)
	}
	return class
}

func date(year int, month time.Month, day, hour, min, sec, nsec int, zone *time.Location) time.Time {
	return time.Date(year, month, day, hour, min, sec, nsec, zone)
}

func TestTimeRoundTrip(t *testing.T) {
	east := time.FixedZone("", 5*3600+45*60)
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for _, test := range []struct {
			in   time.Time
			want string
		}{
			{date(2026, 11, 22, 8, 30, 0, 123456789, time.UTC), "2026-11-22 08:30:00.123"},
			{date(2026, 11, 22, 8, 30, 0, 999999999, time.UTC), "2026-11-22 08:30:00.999"},
			{date(2026, 1, 1, 0, 0, 0, 0, east), "2025-12-31 18:15:00.000"},
			{date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC), "1969-12-31 23:59:59.999"},
			{date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01 00:00:00.000"},
			{date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC), "9999-12-31 23:59:59.999"},
		} {
			want := dbtype.NewTime(test.in)
			for _, declared := range []string{"datetime", "timestamp", "date", "text"} {
				var got dbtype.Time
				if class := roundTrip(t, pool, declared, want, &got); class != "text" {
					t.Errorf("%s in a %s column is stored as %s", want, declared, class)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("in a %s column (-want +got):\n%s", declared, diff)
				}
			}
			// Through an expression, where no declared type says what it is.
			var text string
			var got dbtype.Time
			if err := pool.QueryRowContext(t.Context(), "SELECT max(?1), ?1 || ''", want).Scan(&got, &text); err != nil {
				t.Fatal(err)
			}
			if text != test.want || !got.Equal(want.Time) {
				t.Errorf("max gave %v, the text is %s; want %s", got, text, test.want)
			}
		}
	})
}

func TestTimeNULL(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		var none *dbtype.Time
		some := new(dbtype.Now())
		if class := roundTrip(t, pool, "datetime", none, &some); class != "null" || some != nil {
			t.Errorf("nil is stored as %s and read back as %v", class, some)
		}
		var plain dbtype.Time
		err := pool.QueryRowContext(t.Context(), "SELECT NULL").Scan(&plain)
		if err == nil || !strings.Contains(err.Error(), "*dbtype.Time") {
			t.Errorf("NULL into a Time: %v; want an error that says what to use", err)
		}
	})
}

// TestTimeIsSQLites: for every millisecond of a minute, SQLite's strftime writes what
// Time does. The CHECKs in schema/ rest on it.
func TestTimeIsSQLites(t *testing.T) {
	const differing = `
		WITH RECURSIVE ms (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ms WHERE n < 59999),
		times (t) AS MATERIALIZED (SELECT printf('2026-11-22 08:30:%06.3f', n / 1000.0) FROM ms)
		SELECT count(*), coalesce(sum(t IS NOT strftime('%Y-%m-%d %H:%M:%f', t)), -1), min(t), max(t) FROM times`
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		if d.Name == "memory" {
			t.Skip("the same SQLite as for a file, and slow with the race detector")
		}
		var n, bad int
		var first, last dbtype.Time
		if err := d.Open(t, nil).QueryRowContext(t.Context(), differing).Scan(&n, &bad, &first, &last); err != nil {
			t.Fatal(err)
		}
		if n != 60000 || bad != 0 || last.Sub(first.Time) != time.Minute-time.Millisecond {
			t.Errorf("%d of %d times differ, from %v to %v", bad, n, first, last)
		}
	})
}

func TestTimeScan(t *testing.T) {
	want := dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC))
	for _, src := range []any{
		"2026-01-02 03:04:05.678",
		[]byte("2026-01-02 03:04:05.678"),
		"2026-01-02T03:04:05.678Z",
		[]byte("2026-01-02T03:04:05.678Z"),
		"2026-01-02T03:04:05.678901234Z",
		"2026-01-02 03:04:05.678901",
		"2026-01-02T04:04:05.678+01:00",
		"2026-01-02T03:04:05.678",
		"2026-01-02 03:04:05.678+00:00",
		"2026-01-02 03:04:05.678Z",
		"2026-01-02 04:04:05.678 +0100 CET",
		"2026-01-02 03:04:05.678 +0000 UTC m=+0.012",
		want.In(time.FixedZone("", -3600)),
	} {
		var got dbtype.Time
		if err := got.Scan(src); err != nil {
			t.Errorf("%v: %v", src, err)
		} else if diff := cmp.Diff(want, got); diff != "" || got.Location().String() != "UTC" {
			t.Errorf("%v (-want +got):\n%s", src, diff)
		}
	}
	for _, src := range []any{"", "yesterday", "2026-13-01", "2026-01-02T", "2026-01-02 03:04:05.678x", int64(1), 1.5, true} {
		got := want
		if err := got.Scan(src); err == nil || got != want {
			t.Errorf("%v (%T) is read as %v, %v", src, src, got, err)
		}
	}
}

func TestTimeOutOfRange(t *testing.T) {
	for _, year := range []int{-1, 10000} {
		tm := dbtype.NewTime(date(year, 1, 1, 0, 0, 0, 0, time.UTC))
		if _, err := tm.Value(); err == nil {
			t.Errorf("year %d has a value", year)
		}
		if _, err := json.Marshal(tm); err == nil {
			t.Errorf("year %d is marshalled", year)
		}
	}
}

func TestTimeJSON(t *testing.T) {
	type object struct {
		A dbtype.Time
		B *dbtype.Time
	}
	in := object{A: dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC))}
	text, err := json.Marshal(in)
	if want := `{"A":"2026-01-02T03:04:05.600Z","B":null}`; err != nil || string(text) != want {
		t.Errorf("marshalled %s, %v; want %s", text, err, want)
	}
	var out object
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("unmarshalled (-want +got):\n%s", diff)
	}
	for _, text := range []string{`{"A":1}`, `{"A":"x"}`, `{"A":true}`} {
		if err := json.Unmarshal([]byte(text), &out); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
