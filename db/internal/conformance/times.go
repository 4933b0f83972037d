package conformance

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

var timeCases = []testCase{
	{"stored as text in UTC", timeStored},
	{"what SQLite's functions make of it", timeFunctions},
	{"texts sort as times do", timeOrder},
	{"now, there and back", timeNow},
	{"exact to the nanosecond", timeExact},
	{"years that SQLite doesn't know are refused", timeLimits},
	{"pointers, NULL and Valuers", timePointers},
	{"declared types that hold times", timeDeclared},
	{"declared types that don't", timeUndeclared},
	{"forms that are read", timeForms},
	{"other texts stay texts", timeOtherTexts},
	{"numbers stay numbers", timeNumbers},
	{"expressions stay texts", timeExpressions},
	{"through views, subqueries and more", timeThrough},
	{"into other types", timeScan},
	{"compared with an argument", timeCompared},
	{"CURRENT_TIMESTAMP", timeDefault},
}

// instant returns a time on 2024-03-05.
func instant(hour, minute, second, nano int) time.Time {
	return time.Date(2024, 3, 5, hour, minute, second, nano, time.UTC)
}

var east = time.FixedZone("", 5*3600+1800)

func timeStored(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	for _, tt := range []struct {
		in   time.Time
		want string
	}{
		{instant(6, 7, 8, 0), "2024-03-05 06:07:08"},
		{instant(6, 7, 8, 120e6), "2024-03-05 06:07:08.120"},
		{instant(6, 7, 8, 123e6), "2024-03-05 06:07:08.123"},
		{instant(6, 7, 8, 123400e3), "2024-03-05 06:07:08.123400"},
		{instant(6, 7, 8, 123456e3), "2024-03-05 06:07:08.123456"},
		{instant(6, 7, 8, 123456780), "2024-03-05 06:07:08.123456780"},
		{instant(6, 7, 8, 1), "2024-03-05 06:07:08.000000001"},
		{instant(6, 7, 8, 0).In(east), "2024-03-05 06:07:08"},
		{time.Date(2024, 3, 5, 1, 0, 0, 0, east), "2024-03-04 19:30:00"},
		{time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC), "1969-12-31 23:59:59.999"},
		{time.Date(1, 2, 3, 4, 5, 6, 0, time.UTC), "0001-02-03 04:05:06"},
		{time.Time{}, "0001-01-01 00:00:00"},
	} {
		t.equal(tt.want, t.row(t.pool, "SELECT typeof(?1), ?1", tt.in), []any{"text", tt.want})
		t.exec(t.pool, "INSERT INTO t VALUES (?)", tt.in)
		t.wantValue(t.pool, tt.want, "DELETE FROM t RETURNING CAST(at AS TEXT)")
	}
}

func timeFunctions(t *tester) {
	got := t.row(t.pool, "SELECT datetime(?1), date(?1), strftime('%Y-%m-%d %H:%M:%f', ?1), unixepoch(?1)", instant(6, 7, 8, 123e6).In(east))
	t.equal("row", got, []any{"2024-03-05 06:07:08", "2024-03-05", "2024-03-05 06:07:08.123", int64(1709618828)})
}

func timeOrder(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	times := []time.Time{
		instant(6, 7, 7, 999999999), instant(6, 7, 8, 0), instant(6, 7, 8, 1), instant(6, 7, 8, 1e6), instant(6, 7, 8, 1000001),
		instant(6, 7, 8, 1001e3), instant(6, 7, 8, 2e6), instant(6, 7, 9, 0), instant(12, 0, 0, 0),
	}
	for i := len(times) - 1; i >= 0; i-- {
		t.exec(t.pool, "INSERT INTO t VALUES (?)", times[i].In(east))
	}
	var want [][]any
	for _, when := range times {
		want = append(want, []any{when})
	}
	t.equal("rows", t.rows(t.pool, "SELECT at FROM t ORDER BY at"), want)
}

func timeNow(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	now := time.Now() // with a monotonic clock reading
	t.wantValue(t.pool, now.UTC().Round(0), "INSERT INTO t VALUES (?) RETURNING at", now)
	var got time.Time
	if err := t.pool.QueryRowContext(t.ctx, "SELECT at FROM t").Scan(&got); err != nil || !got.Equal(now) || got.Location() != time.UTC {
		t.Errorf("got %v (%v), want %v in UTC", got, err, now)
	}
}

func timeExact(t *tester) {
	t.setUp("CREATE TABLE t (at TIMESTAMP)")
	for _, nano := range []int{0, 1, 999, 1000, 999999, 1e6, 100e6, 123456789, 999999999} {
		for _, when := range []time.Time{
			instant(23, 59, 59, nano),
			time.Date(0, 1, 1, 0, 0, 0, nano, time.UTC),
			time.Date(9999, 12, 31, 23, 59, 59, nano, time.UTC),
		} {
			t.wantValue(t.pool, when, "INSERT INTO t VALUES (?) RETURNING at", when)
		}
	}
}

func timeLimits(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	for _, when := range []time.Time{
		time.Date(-1, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		// In UTC they are in another year.
		time.Date(0, 1, 1, 5, 0, 0, 0, east),
		time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -2*3600)),
	} {
		t.refused("INSERT INTO t VALUES (?)", when)
	}
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
	inside := time.Date(10000, 1, 1, 5, 0, 0, 0, east)
	t.wantValue(t.pool, inside.UTC(), "INSERT INTO t VALUES (?) RETURNING at", inside)
}

func timePointers(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	when := instant(6, 7, 8, 0)
	for _, value := range []any{when, &when, sql.NullTime{Time: when, Valid: true}, sql.Null[time.Time]{V: when, Valid: true}, valuer{when}} {
		t.wantValue(t.pool, when, "INSERT INTO t VALUES (?) RETURNING at", value)
	}
	for _, value := range []any{nil, (*time.Time)(nil), sql.NullTime{}, valuer{nil}} {
		t.wantValue(t.pool, nil, "INSERT INTO t VALUES (?) RETURNING at", value)
	}
}

func timeDeclared(t *tester) {
	for _, declared := range []string{
		"DATE", "date", "Date", "DATETIME", "datetime", "DateTime", "TIMESTAMP", "timestamp", "datetime(6)", "TIMESTAMP(3)",
		"timestamp with time zone", "TIMESTAMP WITH TIME ZONE", "timestamptz", "TIMESTAMPTZ",
	} {
		t.setUp("CREATE TABLE t (at " + declared + ")")
		when := instant(6, 7, 8, 123e6)
		t.exec(t.pool, "INSERT INTO t VALUES (?)", when)
		t.equal(declared, t.value(t.pool, "SELECT at FROM t"), when)
		t.setUp("DROP TABLE t")
	}
}

func timeUndeclared(t *tester) {
	for _, declared := range []string{"TEXT", "TIME", "VARCHAR(30)", "BLOB", "", "dated", "updatetime"} {
		t.setUp("CREATE TABLE t (at " + declared + ")")
		t.exec(t.pool, "INSERT INTO t VALUES (?)", instant(6, 7, 8, 0))
		t.equal(declared, t.value(t.pool, "SELECT at FROM t"), "2024-03-05 06:07:08")
		t.setUp("DROP TABLE t")
	}
}

// timeForms are the forms that SQLite, its drivers and people write.
func timeForms(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	exact, whole, minute, day := instant(6, 7, 8, 123456789), instant(6, 7, 8, 0), instant(6, 7, 0, 0), instant(0, 0, 0, 0)
	for _, tt := range []struct {
		text string
		want time.Time
	}{
		{"2024-03-05 06:07:08.123456789+00:00", exact},
		{"2024-03-05 11:37:08.123456789+05:30", exact},
		{"2024-03-05 01:07:08-05:00", whole},
		{"2024-03-05 06:07:08+00:00", whole},
		{"2024-03-05 06:07:08Z", whole},
		{"2024-03-05T06:07:08Z", whole},
		{"2024-03-05T06:07:08.123456789Z", exact},
		{"2024-03-05T11:37:08+05:30", whole},
		{"2024-03-05T06:07:08.123456789", exact},
		{"2024-03-05T06:07:08", whole},
		{"2024-03-05 06:07:08", whole},
		{"2024-03-05 06:07:08.123456789", exact},
		{"2024-03-05 06:07:08.5", instant(6, 7, 8, 500e6)},
		{"2024-03-05 06:07", minute},
		{"2024-03-05T06:07", minute},
		{"2024-03-05", day},
		// time.Time.String
		{"2024-03-05 06:07:08.123456789 +0000 UTC", exact},
		{"2024-03-05 06:07:08 +0000 UTC", whole},
		{"2024-03-05 11:37:08 +0530 +0530", whole},
		{"2024-03-05 07:07:08 +0100 CET", whole},
		{"2024-03-05 06:07:08.123456789 +0000 UTC m=+0.000012345", exact},
		{"2024-03-05 07:07:08.123456789 +0100 CET m=-1.5", exact},
	} {
		t.exec(t.pool, "INSERT INTO t VALUES (?)", tt.text)
		t.equal(tt.text, t.rows(t.pool, "SELECT at, CAST(at AS TEXT) FROM t"), [][]any{{tt.want, tt.text}})
		if !strings.Contains(tt.text, "m=") { // FormatTime doesn't write it
			read := t.value(t.pool, "SELECT at FROM t")
			t.equal(tt.text+" sent back", t.row(t.pool, "SELECT count(*), max(at) = ?1, ?1 FROM t WHERE at = ?1", read), []any{int64(1), int64(1), tt.text})
		}
		t.setUp("DELETE FROM t")
	}
}

func timeOtherTexts(t *tester) {
	t.setUp("CREATE TABLE t (at TIMESTAMP)")
	for _, text := range []string{"", "soon", "now", "06:07:08", "2024-13-05", "2024-02-30 06:07:08", "2024-03-05 25:00:00", "05.03.2024", "2024-03-05 and more", "2024-03", "10000-01-01"} {
		t.wantValue(t.pool, text, "INSERT INTO t VALUES (?) RETURNING at", text)
		t.wantValue(t.pool, text, "SELECT at FROM t WHERE at = ?", text)
	}
}

func timeNumbers(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	for _, value := range []any{int64(0), int64(1709618828), int64(20240305), 1709618828.5, []byte("2024-03-05"), nil} {
		t.wantValue(t.pool, value, "INSERT INTO t VALUES (?) RETURNING at", value)
	}
	t.wantValue(t.pool, int64(2024), "INSERT INTO t VALUES ('2024') RETURNING at") // converted by the column's affinity
}

func timeExpressions(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME)")
	t.exec(t.pool, "INSERT INTO t VALUES (?)", instant(6, 7, 8, 0))
	const stored = "2024-03-05 06:07:08"
	got := t.row(t.pool, "SELECT max(at), coalesce(at, 1), at || '', CAST(at AS TEXT), datetime(at), CASE WHEN 1 THEN at END, '2024-03-05 06:07:08' FROM t")
	t.equal("row", got, []any{stored, stored, stored, stored, "2024-03-05 06:07:08", stored, stored})
}

// timeThrough reads a time through expressions for which SQLite knows the declared type.
func timeThrough(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME)", "CREATE VIEW v AS SELECT id, at AS seen FROM t")
	when := instant(6, 7, 8, 0)
	t.wantValue(t.pool, when, "INSERT INTO t VALUES (1, ?) RETURNING at", when)
	for _, query := range []string{
		"SELECT at FROM t",
		"SELECT at AS renamed FROM t",
		`SELECT "at" FROM t AS other ORDER BY at DESC LIMIT 1`,
		"SELECT seen FROM v",
		"SELECT at FROM (SELECT at FROM t)",
		"SELECT (SELECT at FROM t)",
		"WITH c AS (SELECT at FROM t) SELECT at FROM c",
		"SELECT b.at FROM t a JOIN t b ON a.id = b.id",
		"SELECT b.at FROM t a LEFT JOIN t b USING (id)",
		"SELECT DISTINCT at FROM t",
		"SELECT at FROM t GROUP BY at",
		"SELECT at FROM t UNION ALL SELECT at FROM t WHERE 0",
		"UPDATE t SET id = 1 RETURNING at",
		"DELETE FROM t RETURNING at",
	} {
		t.wantValue(t.pool, when, query)
	}
}

func timeScan(t *tester) {
	t.setUp("CREATE TABLE t (at DATETIME, none DATETIME)")
	when := instant(6, 7, 8, 500e6)
	t.exec(t.pool, "INSERT INTO t VALUES (?, NULL)", when)
	var (
		plain      time.Time
		null, none sql.NullTime
		generic    sql.Null[time.Time]
		pointer    *time.Time
		text       string
	)
	row := t.pool.QueryRowContext(t.ctx, "SELECT at, at, none, at, at, at FROM t")
	if err := row.Scan(&plain, &null, &none, &generic, &pointer, &text); err != nil {
		t.Fatal(err)
	}
	t.equal("row", []any{plain, null.Time, none.Valid, generic.V, *pointer, text},
		[]any{when, when, false, when, when, when.Format(time.RFC3339Nano)})
	t.fails("into an int", t.pool.QueryRowContext(t.ctx, "SELECT at FROM t").Scan(new(int)))
	t.wantValue(t.pool, when, "SELECT at FROM t")
}

func timeCompared(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT, at DATETIME)")
	for i, x := range []string{"a", "b", "c"} {
		t.exec(t.pool, "INSERT INTO t VALUES (?, ?)", x, instant(6, i, 0, 0))
	}
	for condition, want := range map[string]string{"at = ?": "b", "at < ?": "a", "at >= ?": "bc", "at BETWEEN ?1 AND ?1": "b", "datetime(at) > datetime(?)": "c"} {
		got := ""
		for _, row := range t.rows(t.pool, "SELECT x FROM t WHERE "+condition+" ORDER BY x", instant(6, 1, 0, 0).In(east)) {
			got += fmt.Sprint(row[0])
		}
		t.equal(condition, got, want)
	}
}

func timeDefault(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)", "INSERT INTO t (id) VALUES (1)")
	got, ok := t.value(t.pool, "SELECT at FROM t").(time.Time)
	if age := time.Since(got); !ok || age < -time.Hour || age > time.Hour || got.Location() != time.UTC {
		t.Errorf("got %v, want about %v", got, time.Now().UTC())
	}
}
