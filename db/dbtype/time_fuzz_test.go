package dbtype_test

import (
	"database/sql"
	"math"
	"testing"

	"github.com/duolite/duolite/db/dbtype"
)

// FuzzTime: a time comes back as it was, to the millisecond, from a column and from
// expressions; numbers are read as SQLite reads them; no text makes Scan panic, and what
// it reads is written so that it reads the same again, and sorts as the times do.
func FuzzTime(f *testing.F) {
	pools := bothEngines(f, `
		CREATE TABLE t (id integer PRIMARY KEY, d datetime, s text, none datetime);
		CREATE VIEW v AS SELECT max(d) AS d FROM t`)
	for i, text := range []string{
		"2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05 +0000 UTC m=+0.1", "9999-12-31T23:59:59.999999999-23:59", "0000-01-01", "0000-01-01 00:00+23:59",
		"1767322800", "2461000.5", "2026-02-30", "24:00", "",
	} {
		numbers := []float64{2461000.5, 1767322800.678, 1767322800678, 0, -1, 5373484.4999999, 5373484.5, math.NaN(), firstSecond, lastSecond}
		seconds := []int64{1767322800, 2026, 0, -1, firstSecond, lastSecond, 1e12, 1767322800678, math.MinInt64, math.MaxInt64}
		f.Add(text, "2026-01-02 03:04:05.678", seconds[i], int64(123456789*i), numbers[i])
	}
	f.Fuzz(func(t *testing.T, a, b string, second, nanosecond int64, number float64) {
		ta, oka := scanned(t, a)
		tb, okb := scanned(t, b)
		if oka && okb && ta.Before(tb.Time) != (dbtype.NewTime(ta.Time).String() < dbtype.NewTime(tb.Time).String()) {
			t.Errorf("%s and %s don't sort as their text", ta, tb)
		}
		at := dbtype.NewTime(instant(second, nanosecond))
		for name, pool := range pools {
			checkTimeStored(t, name, pool, at)
			checkNumber(t, name, pool, second)
			checkNumber(t, name, pool, number)
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
	if err := again.Scan(value); err != nil || again != tm {
		t.Errorf("%q is read as %v, written as %v, read again as %v, %v", text, tm, value, again, err)
	}
	return tm, true
}

func checkTimeStored(t *testing.T, engine string, pool *sql.DB, at dbtype.Time) {
	stored(t, pool, at, at, nil)
	const query = `
		WITH c AS (SELECT max(s) AS s FROM t)
		SELECT d, s, max(d), coalesce(none, d), CASE WHEN id = 1 THEN s ELSE none END, (SELECT max(s) FROM t),
			(SELECT d FROM v), (SELECT s FROM c), CAST(max(d) AS timetext), json_group_array(d) ->> 0, julianday(d), ?1,
			none, json_group_array(d)
		FROM t WHERE d = ?1 AND s <= ?1`
	got := make([]dbtype.Time, 12)
	targets := make([]any, 0, 14)
	for i := range got {
		targets = append(targets, &got[i])
	}
	none := &at
	var list dbtype.Of[[]dbtype.Time]
	if err := pool.QueryRowContext(t.Context(), query, at).Scan(append(targets, &none, &list)...); err != nil {
		t.Fatalf("%s: %v: %v", engine, at, err)
	}
	for i, again := range append(got, list.V...) {
		if again != at {
			t.Errorf("%s: %v comes back as %v (%d)", engine, at, again, i)
		}
	}
	if len(list.V) != 1 || none != nil {
		t.Errorf("%s: %v: %v, %v", engine, at, list.V, none)
	}
}

// checkNumber wants a number that is read as a time to be the one that it is to SQLite,
// where SQLite knows it.
func checkNumber(t *testing.T, engine string, pool *sql.DB, number any) {
	var got, again dbtype.Time
	if got.Scan(number) != nil {
		return
	}
	if value, err := got.Value(); err != nil || again.Scan(value) != nil || again != got {
		t.Errorf("%v is read as %v, written as %v, read again as %v, %v", number, got, value, again, err)
	}
	if n, ok := number.(int64); ok && 0 <= n && n < 5373485 {
		return // a Julian day to SQLite
	}
	var want *string
	err := pool.QueryRowContext(t.Context(), "SELECT strftime('%Y-%m-%d %H:%M:%f', ?, 'auto')", number).Scan(&want)
	if err != nil || want != nil && *want != got.String() {
		t.Errorf("%s: %v (%T) is read as %v; SQLite says %v, %v", engine, number, number, got, *want, err)
	}
}
