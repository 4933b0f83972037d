package dbtype_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

func TestTimeScanNumber(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want string // "" is an error
	}{
		// seconds
		{int64(1_767_322_800), "2026-01-02 03:00:00.000"},
		{int64(0), "1970-01-01 00:00:00.000"},
		{int64(-1), "1969-12-31 23:59:59.000"},
		{int64(firstSecond), "0000-01-01 00:00:00.000"},
		{int64(lastSecond), "9999-12-31 23:59:59.000"},
		{int64(10_000), "1970-01-01 02:46:40.000"},
		{1_767_322_800.678, "2026-01-02 03:00:00.678"},
		{1_767_322_800.6785, "2026-01-02 03:00:00.679"},
		{-0.001, "1969-12-31 23:59:59.999"},
		{-1.0, "1969-12-31 23:59:59.000"},
		{float64(firstSecond), "0000-01-01 00:00:00.000"},
		{float64(lastSecond), "9999-12-31 23:59:59.000"},
		// An INTEGER is no Julian day.
		{int64(2_461_000), "1970-01-29 11:36:40.000"},
		{int64(5_373_484), "1970-03-04 04:38:04.000"},
		{int64(5_373_485), "1970-03-04 04:38:05.000"},
		// Julian days
		{2_461_000.0, "2025-11-20 12:00:00.000"},
		{2_440_587.5, "1970-01-01 00:00:00.000"},
		{1_721_059.5, "0000-01-01 00:00:00.000"},
		{5_373_484.499999, "9999-12-31 23:59:59.914"},
		{5_373_485.0, "1970-03-04 04:38:05.000"},
		// milliseconds
		{int64(1_767_322_800_678), "2026-01-02 03:00:00.678"},
		{int64(1_000_000_000_001), "2001-09-09 01:46:40.001"},
		{int64(-1_000_000_000_001), "1938-04-24 22:13:19.999"},
		{int64(firstSecond * 1000), "0000-01-01 00:00:00.000"},
		{int64(lastSecond*1000 + 999), "9999-12-31 23:59:59.999"},
		{1_767_322_800_678.0, "2026-01-02 03:00:00.678"},
		{1_767_322_800_678.4, "2026-01-02 03:00:00.678"},
		{-1_000_000_000_001.0, "1938-04-24 22:13:19.999"},
		// what a cast leaves of a text
		{int64(1), ""}, {int64(2026), ""}, {int64(9999), ""}, {2026.0, ""}, {1.0, ""},
		// out of range, or between two meanings
		{int64(firstSecond - 1), ""}, {int64(lastSecond + 1), ""}, {float64(firstSecond - 1), ""}, {float64(lastSecond + 1), ""},
		{int64(1e12), ""}, {int64(-1e12), ""}, {1e12, ""}, {-1e12, ""}, {int64(500_000_000_000), ""}, {-5e11, ""},
		{int64(firstSecond*1000 - 1), ""}, {int64(lastSecond*1000 + 1000), ""}, {float64(lastSecond*1000 + 1000), ""},
		{int64(1_767_322_800_678_901), ""}, {int64(1_767_322_800_678_901_234), ""}, {1.767322800678901e15, ""}, {1.767322800678901e18, ""},
		{int64(math.MinInt64), ""}, {int64(math.MaxInt64), ""},
		{0.0, ""}, {math.Copysign(0, -1), ""}, {0.5, ""}, {1_721_059.49, ""}, {math.Nextafter(5_373_484.5, 0), ""},
		{math.NaN(), ""}, {math.Inf(1), ""}, {math.Inf(-1), ""}, {math.MaxFloat64, ""}, {-math.MaxFloat64, ""},
	} {
		before := dbtype.NewTime(date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
		got := before
		switch err := got.Scan(tt.in); {
		case tt.want == "" && (err == nil || got != before):
			t.Errorf("%v (%T) is read as %v, %v; want an error", tt.in, tt.in, got, err)
		case tt.want != "" && (err != nil || got.String() != tt.want):
			t.Errorf("%v (%T) is read as %v, %v; want %s", tt.in, tt.in, got, err, tt.want)
		}
	}
}

// TestTimeNumberErrors wants an error to say what would have worked.
func TestTimeNumberErrors(t *testing.T) {
	for number, want := range map[any]string{
		int64(2026):  "the number 2026 is the year of a time, which CAST(… AS datetime) returns; cast to a type with text in its name",
		2026.0:       "the number 2026 is the year of a time, which CAST(… AS datetime) returns; cast to a type with text in its name",
		int64(-1e18): "the number -1000000000000000000 isn't a time in the years 0 to 9999; want unix seconds, milliseconds if beyond 1e12, or a Julian day as a REAL",
		0.5:          "the number 0.5 isn't a time in the years 0 to 9999; want unix seconds, milliseconds if beyond 1e12, or a Julian day as a REAL",
	} {
		if err := new(dbtype.Time).Scan(number); err == nil || err.Error() != want {
			t.Errorf("%v (%T): error %v, want %s", number, number, err, want)
		}
	}
}

// TestTimeIsSQLitesAuto: SQLite's "auto" takes numbers for the same times, but for
// integers that are Julian days to it, and for what it takes for years before 0.
func TestTimeIsSQLitesAuto(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var numbers []any
	for range 2000 {
		numbers = append(numbers,
			5_373_485+random.Int64N(lastSecond-5_373_485),
			firstSecond+random.Int64N(-firstSecond),
			1_721_059.5+random.Float64()*(5_373_484.49-1_721_059.5),
			5_373_485+random.Float64()*(lastSecond-5_373_485),
			firstSecond*random.Float64(),
			float64(random.Int64N(4e12))/1000+5_373_485,
		)
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for chunk := range slices.Chunk(numbers, 500) {
			query := "WITH n (v) AS (VALUES (?)" + strings.Repeat(", (?)", len(chunk)-1) +
				") SELECT v, strftime('%Y-%m-%d %H:%M:%f', v, 'auto') FROM n"
			rows, err := pool.QueryContext(t.Context(), query, chunk...)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for ; rows.Next(); n++ {
				var got dbtype.Time
				var want string
				if err := rows.Scan(&got, &want); err != nil || got.String() != want {
					t.Errorf("%v is %v, %v; SQLite says %s", chunk[n], got, err, want)
				}
			}
			if err := rows.Err(); err != nil || n != len(chunk) {
				t.Fatalf("%d of %d rows, %v", n, len(chunk), err)
			}
			rows.Close()
		}
	})
}

// TestTimeInExpressions has what SQL makes of times, stored in each of their forms.
func TestTimeInExpressions(t *testing.T) {
	at := dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC))
	second := dbtype.NewTime(at.Truncate(1e9))
	day := dbtype.NewTime(at.Truncate(24 * 3600e9))
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for _, statement := range []string{
			"CREATE TABLE t (id integer PRIMARY KEY, d datetime, s integer, m integer, j real, r real, none datetime)",
			"CREATE TABLE strict (d TEXT, s INTEGER, m INTEGER, j REAL) STRICT",
			"CREATE VIEW v AS SELECT max(d) AS newest, d FROM t",
		} {
			if _, err := pool.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		for _, statement := range []string{
			"INSERT INTO t (d, s, m, j, r) VALUES (?1, unixepoch(?1), 1000 * unixepoch(?1) + 678, julianday(?1), unixepoch(?1, 'subsec'))",
			"INSERT INTO strict VALUES (?1, unixepoch(?1), 1000 * unixepoch(?1) + 678, julianday(?1))",
		} {
			if _, err := pool.ExecContext(t.Context(), statement, at); err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string]dbtype.Time{
			"SELECT d FROM t": at, "SELECT s FROM t": second, "SELECT m FROM t": at, "SELECT j FROM t": at, "SELECT r FROM t": at,
			"SELECT d FROM strict": at, "SELECT s FROM strict": second, "SELECT m FROM strict": at, "SELECT j FROM strict": at,
			"SELECT max(d) FROM t": at, "SELECT min(s) FROM t": second, "SELECT max(m) FROM t": at, "SELECT max(j) FROM t": at,
			"SELECT coalesce(none, d) FROM t":                              at,
			"SELECT ifnull(none, s) FROM t":                                second,
			"SELECT CASE WHEN id = 1 THEN d ELSE none END FROM t":          at,
			"SELECT (SELECT max(d) FROM t)":                                at,
			"SELECT (SELECT d FROM t)":                                     at,
			"WITH c AS (SELECT max(d) AS d FROM t) SELECT d FROM c":        at,
			"SELECT d FROM v":                                              at,
			"SELECT newest FROM v":                                         at,
			"SELECT d FROM t UNION SELECT d FROM strict":                   at,
			"SELECT first_value(d) OVER (ORDER BY id) FROM t":              at,
			"SELECT json_group_array(d) ->> '$[0]' FROM t":                 at,
			"SELECT CAST(max(d) AS timetext) FROM t":                       at,
			"SELECT CAST(max(d) AS TEXT) FROM t":                           at,
			"SELECT unixepoch(d) FROM t":                                   second,
			"SELECT unixepoch(d, 'subsec') FROM t":                         at,
			"SELECT julianday(d) FROM t":                                   at,
			"SELECT avg(julianday(d)) FROM t":                              at,
			"SELECT CAST(strftime('%s', d) AS integer) FROM t":             second,
			"SELECT datetime(d) FROM t":                                    second,
			"SELECT datetime(d, 'subsec') FROM t":                          at,
			"SELECT date(d) FROM t":                                        day,
			"SELECT strftime('%Y-%m-%d %H:%M:%f', d) FROM t":               at,
			"SELECT strftime('%Y-%m-%dT%H:%M:%fZ', d) FROM t":              at,
			"SELECT datetime(d, 'start of day') FROM t":                    day,
			"INSERT INTO t (d) SELECT max(d) FROM t RETURNING d":           at,
			"SELECT datetime(1767323045, 'unixepoch')":                     second,
			"SELECT d FROM t WHERE d >= '2026-01-02' AND d < '2026-01-03'": at,
		} {
			var got dbtype.Time
			if err := pool.QueryRowContext(t.Context(), query).Scan(&got); err != nil || !got.Equal(want.Time) {
				t.Errorf("%s gives %v, %v; want %v", query, got, err, want)
			}
			var pointer *dbtype.Time
			if err := pool.QueryRowContext(t.Context(), query).Scan(&pointer); err != nil || pointer == nil || !pointer.Equal(want.Time) {
				t.Errorf("%s gives %v, %v; want %v", query, pointer, err, want)
			}
		}
		// What says something else, without a word, in a program that takes any number.
		for _, query := range []string{
			"SELECT CAST(d AS datetime) FROM t", "SELECT CAST(d AS integer) FROM t", "SELECT CAST(d AS real) FROM t",
			"SELECT strftime('%s', d) FROM t", "SELECT 1000 * m FROM t", "SELECT time(d) FROM t", "SELECT max(none) FROM t",
			"SELECT json_group_array(d) FROM t",
		} {
			var got dbtype.Time
			if err := pool.QueryRowContext(t.Context(), query).Scan(&got); err == nil {
				t.Errorf("%s gives %v, want an error", query, got)
			}
		}
		var times dbtype.Of[[]dbtype.Time]
		if err := pool.QueryRowContext(t.Context(), "SELECT json_group_array(d) FROM t WHERE d = ?", at).Scan(&times); err != nil || times.V[0] != at {
			t.Errorf("json_group_array gives %v, %v", times.V, err)
		}
	})
}
