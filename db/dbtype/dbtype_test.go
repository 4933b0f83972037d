package dbtype_test

import (
	"database/sql"
	"encoding/json"
	"errors"
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
		} else if diff := cmp.Diff(want, got); diff != "" || got.Location() != time.UTC {
			t.Errorf("%v (-want +got):\n%s", src, diff)
		}
	}
	for src, want := range map[string]string{
		"2026-01-02 03:04:05": "2026-01-02 03:04:05.000", // CURRENT_TIMESTAMP
		"2026-01-02 03:04":    "2026-01-02 03:04:00.000",
		"2026-01-02T03:04":    "2026-01-02 03:04:00.000",
		"2026-01-02":          "2026-01-02 00:00:00.000",
	} {
		var got dbtype.Time
		if err := got.Scan(src); err != nil || got.String() != want {
			t.Errorf("%s: %v, %v; want %s", src, got, err, want)
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

// FuzzTime: no text makes Scan panic, and what it reads is written so that it reads
// the same again, and sorts as the times do.
func FuzzTime(f *testing.F) {
	f.Add("2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05 +0000 UTC m=+0.1")
	f.Add("9999-12-31T23:59:59.999999999-23:59", "0000-01-01")
	f.Fuzz(func(t *testing.T, a, b string) {
		ta, oka := scanned(t, a)
		tb, okb := scanned(t, b)
		if oka && okb && ta.Before(tb.Time) != (ta.String() < tb.String()) {
			t.Errorf("%s and %s don't sort as their text", ta, tb)
		}
	})
}

// scanned returns the time that text says, if it says one that can be stored.
func scanned(t *testing.T, text string) (dbtype.Time, bool) {
	var tm, again dbtype.Time
	if tm.Scan(text) != nil {
		return tm, false
	}
	value, err := tm.Value()
	if err != nil {
		return tm, false
	}
	if err := again.Scan(value); err != nil || !again.Equal(tm.Time) || len(value.(string)) != len(dbtype.TimeLayout) {
		t.Errorf("%q is read as %v, written as %v, read again as %v, %v", text, tm, value, again, err)
	}
	return tm, true
}

func TestJSONRoundTrip(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for _, text := range []string{`{}`, `{"a":[1,null,"é\u0000"]}`, `[]`, `"text"`, `null`, ` { "spaced" : 1 } `} {
			for _, declared := range []string{"text", "json"} {
				var got dbtype.JSON
				if class := roundTrip(t, pool, declared, dbtype.JSON(text), &got); class != "text" {
					t.Errorf("%s in a %s column is stored as %s", text, declared, class)
				}
				if got.String() != text {
					t.Errorf("%s in a %s column comes back as %s", text, declared, got)
				}
			}
		}
		var got *dbtype.JSON
		if class := roundTrip(t, pool, "json", dbtype.JSON(nil), &got); class != "null" || got != nil {
			t.Errorf("nil is stored as %s and comes back as %v", class, got)
		}
		got = new(dbtype.JSON("x"))
		if err := pool.QueryRowContext(t.Context(), "SELECT json_set(?, '$.b', 2)", dbtype.JSON(`{"a":1}`)).Scan(&got); err != nil || got.String() != `{"a":1,"b":2}` {
			t.Errorf("json_set gave %v, %v", got, err)
		}
		if _, err := pool.ExecContext(t.Context(), "SELECT ?", dbtype.JSON(`{"a":`)); err == nil {
			t.Error("what isn't JSON is sent")
		}
	})
}

func TestJSONMarshal(t *testing.T) {
	type object struct{ A, B dbtype.JSON }
	text, err := json.Marshal(object{A: dbtype.JSON(`{"x":1}`)})
	if want := `{"A":{"x":1},"B":null}`; err != nil || string(text) != want {
		t.Errorf("marshalled %s, %v; want %s", text, err, want)
	}
	var out object
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(object{dbtype.JSON(`{"x":1}`), dbtype.JSON("null")}, out); diff != "" {
		t.Errorf("unmarshalled (-want +got):\n%s", diff)
	}
	var wrong *json.MarshalerError
	if _, err := json.Marshal(dbtype.JSON("{")); !errors.As(err, &wrong) {
		t.Errorf("what isn't JSON is marshalled: %v", err)
	}
}

func TestJSONScan(t *testing.T) {
	buffer := []byte(`{"a":1}`)
	var got dbtype.JSON
	if err := got.Scan(buffer); err != nil {
		t.Fatal(err)
	}
	buffer[1] = 'X' // as a driver may
	if got.String() != `{"a":1}` {
		t.Errorf("Scan kept the driver's buffer: %s", got)
	}
	if err := got.Scan(int64(1)); err == nil {
		t.Error("an integer is read as JSON")
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5e3,"x",null,true]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := dbtype.JSON(text).Value()
		if json.Valid(text) != (err == nil) && text != nil {
			t.Fatalf("%q: valid is %v, but Value says %v", text, json.Valid(text), err)
		}
		if err != nil || value == nil {
			return
		}
		var again dbtype.JSON
		if err := again.Scan(value); err != nil || again.String() != string(text) {
			t.Errorf("%q comes back as %q, %v", text, again, err)
		}
	})
}
