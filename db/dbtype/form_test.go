package dbtype_test

import (
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

// forms are texts that are written again as they were read. The first of a group is the
// standard form of its time.
var forms = []string{
	"2026-01-02 03:04:05", "2026-01-02 03:04:05.000", "2026-01-02 03:04:05.0", "2026-01-02 03:04:05.000000", "2026-01-02 03:04:05.000000000",
	"2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", "2026-01-02 03:04:05+00:00", "2026-01-02 03:04:05.000+00:00",
	"2026-01-02 05:04:05+02:00", "2026-01-01T21:19:05-05:45", "2026-01-02 03:04:05 +0000 UTC", "2026-01-02 04:04:05.00 +0100 CET",
	"2026-01-02 08:34:05 +0530 +0530",
	"2026-01-02 00:00:00", "2026-01-02", "2026-01-02 00:00", "2026-01-02T00:00Z", "2026-01-02 00:00:00.000",
	"2026-01-02 03:04:05.600", "2026-01-02 03:04:05.6", "2026-01-02T03:04:05.60Z", "2026-01-02 03:04:05.6 +0000 UTC",
	"2026-01-02 03:04:05.678", "2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05.678+00:00", "2026-01-02 03:04:05.678000",
}

// TestFormsComeBack wants a time that was read to be written as it was read, by a plain
// time.Time and by a Time.
func TestFormsComeBack(t *testing.T) {
	for _, text := range forms {
		read, ok := dbtype.ParseTime(text)
		if got := dbtype.FormatTime(read); !ok || got != text {
			t.Errorf("%s is written as %s", text, got)
		}
		var tm dbtype.Time
		if err := tm.Scan(text); err != nil {
			t.Fatal(err)
		}
		if got, err := tm.Value(); err != nil || got != text {
			t.Errorf("%s is written by a Time as %v, %v", text, got, err)
		}
		var through dbtype.Time // from a driver's time.Time
		if err := through.Scan(read); err != nil || through.String() != text {
			t.Errorf("%s is written by a Time that was a time.Time as %v, %v", text, through, err)
		}
		if _, offset := read.Zone(); offset != 0 || read.Location().String() != "UTC" {
			t.Errorf("%s is in the zone %v", text, read.Location())
		}
		standard := dbtype.FormatTime(read.UTC())
		if again, ok := dbtype.ParseTime(standard); !ok || !again.Equal(read) || again.Location() != time.UTC {
			t.Errorf("%s is written in UTC as %s", text, standard)
		}
		if got := dbtype.NewTime(read).String(); len(got) != len(dbtype.TimeLayout) {
			t.Errorf("NewTime of %s is %s", text, got)
		}
	}
}

// TestFormsLoseNothing changes a time that was read in a short form.
func TestFormsLoseNothing(t *testing.T) {
	day, _ := dbtype.ParseTime("2026-01-02")
	minute, _ := dbtype.ParseTime("2026-01-02T03:04Z")
	tenth, _ := dbtype.ParseTime("2026-01-02 03:04:05.6+01:00")
	for _, tt := range []struct {
		in   time.Time
		want string
	}{
		{day.AddDate(0, 0, 1), "2026-01-03"},
		{day.Add(time.Hour), "2026-01-02 01:00:00"},
		{day.Add(time.Millisecond), "2026-01-02 00:00:00.001"},
		{minute.Add(time.Minute), "2026-01-02T03:05Z"},
		{minute.Add(time.Second), "2026-01-02 03:04:01"},
		{tenth.Add(100 * time.Millisecond), "2026-01-02 03:04:05.7+01:00"},
		{tenth.Add(time.Millisecond), "2026-01-02 02:04:05.601"},
		{tenth.In(time.FixedZone("", 3600)), "2026-01-02 02:04:05.600"},
	} {
		if got := dbtype.FormatTime(tt.in); got != tt.want {
			t.Errorf("%v is %s, want %s", tt.in, got, tt.want)
		}
	}
}

// fills are the ways in which SQL fills a column with a time.
var fills = []string{
	"CURRENT_TIMESTAMP", "CURRENT_DATE", "datetime('now')", "date('now')", "datetime('now', 'subsec')", "datetime('now', 'start of day')",
	"strftime('%Y-%m-%d %H:%M:%f', 'now')", "strftime('%Y-%m-%d %H:%M', 'now')", "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')", "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
	"'2026-01-02 03:04:05.000'", "datetime(1767322800, 'unixepoch')", "'2026-01-02 03:04:05+00:00'", "'2026-01-02 03:04:05.5 +0000 UTC'",
}

// TestReadIsSentBack wants a value that was read and is sent back to equal itself, and pages
// by key to advance.
func TestReadIsSentBack(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		for _, declared := range []string{"datetime", "DATE", "TIMESTAMP", "text"} {
			for _, fill := range fills {
				table := "CREATE TABLE t (id integer PRIMARY KEY, at " + declared + " NOT NULL DEFAULT (" + fill + ")); CREATE UNIQUE INDEX once ON t (at, id)"
				sentBack[dbtype.Time](t, d, table, fill)
				if declared != "text" { // which holds no time.Time
					sentBack[time.Time](t, d, table, fill)
				}
			}
		}
	})
}

func sentBack[T any](t *testing.T, d dbtest.Database, table, fill string) {
	t.Helper()
	pool := d.Open(t, nil)
	for _, text := range []string{"DROP TABLE IF EXISTS t", table, "INSERT INTO t (id) VALUES (1), (2), (3), (4), (5), (6), (7)"} {
		if _, err := pool.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	var at T
	if err := pool.QueryRowContext(t.Context(), "SELECT at FROM t WHERE id = 4").Scan(&at); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"SELECT count(*) FROM t WHERE at = ?1", "SELECT count(*) FROM t WHERE at IN (?1)", "SELECT count(*) FROM t WHERE at BETWEEN ?1 AND ?1",
		"SELECT count(*) FROM t WHERE at >= ?1 AND at <= ?1", "SELECT count(*) - 4 + 7 FROM t WHERE (at, id) <= (?1, 4)",
		"SELECT count(*) FROM t AS a JOIN (SELECT ?1 AS at) AS b ON a.at = b.at", "SELECT 7 + count(*) FROM t WHERE at < ?1", "SELECT 7 + count(*) FROM t WHERE at > ?1",
		"WITH same AS (SELECT count(DISTINCT at) AS n FROM t) SELECT CASE WHEN (SELECT n FROM same) = 1 THEN 7 ELSE 7 END FROM t WHERE at = ?1 LIMIT 1",
	} {
		var n int
		if err := pool.QueryRowContext(t.Context(), query, at).Scan(&n); err != nil || n != 7 {
			t.Errorf("%s, filled by %s, %T %v: %d, %v; want 7", query, fill, at, at, n, err)
		}
	}
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO t (id, at) VALUES (8, ?)", at); err != nil {
		t.Fatal(err)
	}
	var texts int
	if err := pool.QueryRowContext(t.Context(), "SELECT count(DISTINCT at) FROM t WHERE id IN (4, 8)").Scan(&texts); err != nil || texts != 1 {
		t.Errorf("filled by %s: %T %v is stored in another form", fill, at, at)
	}
	var seen []string
	last := *new(T)
	for id := int64(9); ; {
		query, args := "SELECT id, at FROM t ORDER BY at DESC, id DESC LIMIT 3", []any{}
		if len(seen) > 0 {
			query, args = "SELECT id, at FROM t WHERE (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT 3", []any{last, id}
		}
		rows, err := pool.QueryContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; rows.Next(); n++ {
			if err := rows.Scan(&id, &last); err != nil {
				t.Fatal(err)
			}
			seen = append(seen, string(rune('0'+id)))
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if n == 0 || len(seen) > 20 {
			break
		}
	}
	if got := strings.Join(seen, ""); got != "87654321" {
		t.Errorf("filled by %s, %T: the pages have the rows %s, want 87654321", fill, at, got)
	}
}
