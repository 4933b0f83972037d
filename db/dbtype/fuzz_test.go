package dbtype_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

// bothEngines returns a database in memory and one on a server, with a schema.
func bothEngines(f *testing.F, schema string) map[string]*sql.DB {
	server := dbtest.StartServer(f)
	pools := map[string]*sql.DB{}
	for _, d := range []dbtest.Database{{Name: "memory", URL: ":memory:"}, {Name: "server", URL: server.URL(), Server: server}} {
		pools[d.Name] = d.Open(f, nil)
		if _, err := pools[d.Name].Exec(schema); err != nil {
			f.Fatal(err)
		}
	}
	return pools
}

// stored puts values into row 1 of t.
func stored(t *testing.T, pool *sql.DB, values ...any) {
	t.Helper()
	query := "INSERT OR REPLACE INTO t VALUES (1" + strings.Repeat(", ?", len(values)) + ")"
	if _, err := pool.ExecContext(t.Context(), query, values...); err != nil {
		t.Fatalf("store %v: %v", values, err)
	}
}

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
		if oka && okb && ta.Before(tb.Time) != (ta.String() < tb.String()) {
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
	if err := again.Scan(value); err != nil || !again.Equal(tm.Time) || len(value.(string)) != len(dbtype.TimeLayout) {
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

const jsonTable = `
	CREATE TABLE t (id integer PRIMARY KEY, j json, s text, b blob, none json);
	CREATE VIEW v AS SELECT max(s) AS s FROM t`

// FuzzJSON: JSON comes back byte for byte, what isn't JSON is refused before it is sent.
func FuzzJSON(f *testing.F) {
	pools := bothEngines(f, jsonTable)
	for _, text := range []string{
		`{"a":[1,2.5e3,"x",null,true]}`, `{`, ` { "spaced" : [ ] } `, `null`, `true`, `"text"`, `"\u0000\ud800\/é"`, `"` + "\u2028\U0001f600" + `"`,
		`123`, `3123`, ` 12 `, `-0`, `1e999`, `123456789012345678901234567890`, `[1.0,1E+2,-0.0]`, `{"a":1,"a":2,"":{}}`, `"123"`, "\"\xff\"", "",
		"\"a\x00b\"", `[7,2]`, `{"a":12}`, strings.Repeat("[", 900) + strings.Repeat("]", 900), `"2026-01-02"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if text == nil {
			text = []byte{}
		}
		value, err := dbtype.JSON(text).Value()
		valid := json.Valid(text) && utf8.Valid(text)
		var again dbtype.JSON
		if scanErr := again.Scan(string(text)); valid != (err == nil) || valid != (scanErr == nil) {
			t.Fatalf("%q: valid is %v, but Value says %v and Scan %v", text, valid, err, scanErr)
		}
		if !valid {
			return
		}
		if value != string(text) || again.String() != string(text) {
			t.Fatalf("%q is written as %q and read as %q", text, value, again)
		}
		for name, pool := range pools {
			checkJSONStored(t, name, pool, text)
		}
	})
}

func checkJSONStored(t *testing.T, engine string, pool *sql.DB, text []byte) {
	stored(t, pool, dbtype.JSON(text), dbtype.JSON(text), text, nil)
	const query = `
		WITH c AS (SELECT max(s) AS s FROM t)
		SELECT s, max(s), coalesce(none, s), CASE WHEN id = 1 THEN s ELSE none END, (SELECT max(s) FROM t), (SELECT s FROM v),
			(SELECT s FROM c), CAST(s AS jsontext), ?1, none
		FROM t WHERE s = ?1`
	got := make([]dbtype.JSON, 9)
	targets := make([]any, 0, 10)
	for i := range got {
		targets = append(targets, &got[i])
	}
	none := new(dbtype.JSON("1"))
	if err := pool.QueryRowContext(t.Context(), query, dbtype.JSON(text)).Scan(append(targets, &none)...); err != nil || none != nil {
		t.Fatalf("%s: %q: %v, %v", engine, text, none, err)
	}
	for i, again := range got {
		if !bytes.Equal(again, text) {
			t.Errorf("%s: %q comes back as %q (%d)", engine, text, again, i)
		}
	}
	// These read it as it was, or refuse it: a number is one of SQLite's in a column
	// declared json, and could be JSONB in a BLOB.
	number := strings.ContainsRune("-0123456789", rune(bytes.TrimSpace(text)[0]))
	for _, column := range []string{"j", "b"} {
		var again dbtype.JSON
		err := pool.QueryRowContext(t.Context(), "SELECT "+column+" FROM t").Scan(&again)
		if err != nil && !number || err == nil && !bytes.Equal(again, text) {
			t.Errorf("%s: %q comes back from %s as %q, %v", engine, text, column, again, err)
		}
	}
	checkJSONFunctions(t, engine, pool, text)
}

// checkJSONFunctions wants SQLite's JSON functions to leave what they don't change.
func checkJSONFunctions(t *testing.T, engine string, pool *sql.DB, text []byte) {
	if bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) >= 1000 {
		return // too deep for SQLite
	}
	var want bytes.Buffer
	if err := json.Compact(&want, text); err != nil {
		t.Fatal(err)
	}
	var plain dbtype.JSON
	var list dbtype.Of[[]json.RawMessage]
	err := pool.QueryRowContext(t.Context(), "SELECT json(s), json_group_array(json(s)) FROM t").Scan(&plain, &list)
	if err != nil || plain.String() != want.String() || len(list.V) != 1 || string(list.V[0]) != want.String() {
		t.Errorf("%s: %q is to SQLite's functions %s and %s, %v", engine, text, plain, list.V, err)
	}
}

type fuzzed struct {
	S string
	I int64
	F float64
	B bool
	P *string
	L []string
	M map[string]int64
	T dbtype.Time
	J dbtype.JSON
}

// FuzzOf: a value comes back as it was, or is refused before it is sent.
func FuzzOf(f *testing.F) {
	pools := bothEngines(f, jsonTable)
	for i, s := range []string{"", "text", "\x00\u2028<>&é\U0001f600", "\xff", "null", `{"S":1}`, "123", `"`, `\u0000`, "\ufffd"} {
		floats := []float64{0, math.Copysign(0, -1), 0.1, math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(-1), 1e21, 1e-7, 1 << 53}
		ints := []int64{0, -1, math.MinInt64, math.MaxInt64, 1<<53 + 1, 2026, 1767322800, firstSecond, lastSecond, 3123}
		f.Add(s, ints[i], floats[i], []byte(`{"a": [1]}`), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, s string, i int64, x float64, text []byte, b bool) {
		in := fuzzed{S: s, I: i, F: x, B: b, T: dbtype.NewTime(instant(i, 0)), J: dbtype.JSON("null")}
		if b {
			in.P, in.L, in.M, in.J = &s, []string{s, ""}, map[string]int64{s: i}, dbtype.JSON(text)
		}
		_, err := dbtype.Of[fuzzed]{V: in}.Value()
		wrong := math.IsNaN(x) || math.IsInf(x, 0) || b && (!json.Valid(text) || !utf8.Valid(text))
		if !utf8.ValidString(s) || !utf8.Valid(text) {
			return // mended by encoding/json, see TestOfMends
		}
		if wrong != (err != nil) {
			t.Fatalf("%+v: Value says %v", in, err)
		}
		if wrong {
			return
		}
		want := in
		want.J = compact(t, in.J)
		for name, pool := range pools {
			checkOfStored(t, name, pool, in, want)
		}
	})
}

func compact(t *testing.T, j dbtype.JSON) dbtype.JSON {
	var text bytes.Buffer
	if err := json.Compact(&text, j); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func checkOfStored(t *testing.T, engine string, pool *sql.DB, in, want fuzzed) {
	arg := dbtype.Of[fuzzed]{V: in}
	stored(t, pool, arg, arg, arg, nil)
	const query = `
		WITH c AS (SELECT max(s) AS s FROM t)
		SELECT j, s, b, max(j), coalesce(none, j), CASE WHEN id = 1 THEN j ELSE none END, (SELECT max(s) FROM t), (SELECT s FROM v),
			(SELECT s FROM c), CAST(j AS jsontext), json(j), json(jsonb(j)), json_object('a', json(j)) -> 'a', ?1,
			none, json_group_array(json(j))
		FROM t WHERE j = ?1`
	got := make([]dbtype.Of[fuzzed], 14)
	targets := make([]any, 0, 16)
	for i := range got {
		targets = append(targets, &got[i])
	}
	none := &arg
	var list dbtype.Of[[]fuzzed]
	if err := pool.QueryRowContext(t.Context(), query, arg).Scan(append(targets, &none, &list)...); err != nil || none != nil || len(list.V) != 1 {
		t.Fatalf("%s: %+v: %v, %v, %v", engine, in, none, list.V, err)
	}
	for i, again := range append(got, dbtype.Of[fuzzed]{V: list.V[0]}) {
		if diff := cmp.Diff(want, again.V); diff != "" {
			t.Errorf("%s: column %d (-want +got):\n%s", engine, i, diff)
		}
	}
}
