package dbtype_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

// TestDate stores days beside those that SQLite writes.
func TestDate(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for _, text := range []string{"DROP TABLE IF EXISTS t", "CREATE TABLE t (id integer PRIMARY KEY, due date, note text)"} {
			if _, err := pool.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		want := dbtype.NewDate(2026, time.May, 1)
		if _, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (1, ?1, ?1), (2, date('2026-05-01 12:00:00'), '2026-05-01 00:00:00.000'), (3, NULL, NULL)", want); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t WHERE due = ?1 AND due = date('2026-05-01') AND due < ?2", want, want.AddDays(1)).Scan(&n); err != nil || n != 2 {
			t.Errorf("%d rows are of the day, %v; want 2", n, err)
		}
		for id := 1; id <= 2; id++ {
			var due, note dbtype.Date
			if err := pool.QueryRowContext(t.Context(), "SELECT due, note FROM t WHERE id = ?", id).Scan(&due, &note); err != nil || due != want || note != want {
				t.Errorf("row %d has %v and %v, %v; want %v", id, due, note, err, want)
			}
		}
		var none *dbtype.Date
		if err := pool.QueryRowContext(t.Context(), "SELECT due FROM t WHERE id = 3").Scan(&none); err != nil || none != nil {
			t.Errorf("NULL is %v, %v", none, err)
		}
	})
}

func TestDateForms(t *testing.T) {
	want := dbtype.NewDate(2026, time.May, 1)
	for _, src := range []any{"2026-05-01", []byte("2026-05-01"), "2026-05-01T00:00:00Z", "2026-05-01 02:00:00+02:00", want.Time()} {
		var got dbtype.Date
		if err := got.Scan(src); err != nil || got != want {
			t.Errorf("%v is read as %v, %v", src, got, err)
		}
	}
	for _, src := range []any{nil, "", "2026-05-32", "2026-05-01 00:00:01", int64(20260501), 1.5, want.Time().Add(1)} {
		got := want
		if err := got.Scan(src); err == nil || got != want {
			t.Errorf("%v is read as %v, %v; want an error", src, got, err)
		}
	}
	data, err := json.Marshal(map[string]any{"d": want, "none": (*dbtype.Date)(nil)})
	if err != nil || string(data) != `{"d":"2026-05-01","none":null}` {
		t.Errorf("JSON is %s, %v", data, err)
	}
	var back struct{ D, None *dbtype.Date }
	if err := json.Unmarshal(data, &back); err != nil || *back.D != want || back.None != nil {
		t.Errorf("JSON is read as %v, %v", back, err)
	}
	if _, err := dbtype.NewDate(10000, 1, 1).Value(); err == nil {
		t.Error("the year 10000 is stored")
	}
	zone := time.FixedZone("CET", 3600)
	if day := dbtype.DateOf(time.Date(2026, 5, 1, 0, 30, 0, 0, zone)); day != want || !day.In(zone).Equal(time.Date(2026, 5, 1, 0, 0, 0, 0, zone)) {
		t.Errorf("half past midnight is %v", day)
	}
}
