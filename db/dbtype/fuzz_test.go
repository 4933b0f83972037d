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
	"github.com/go-json-experiment/json/jsontext"
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
	var plain, list dbtype.JSON
	err := pool.QueryRowContext(t.Context(), "SELECT json(s), json_group_array(json(s)) FROM t").Scan(&plain, &list)
	if err != nil || plain.String() != want.String() || list.String() != "["+want.String()+"]" {
		t.Errorf("%s: %q is to SQLite's functions %s and %s, %v", engine, text, plain, list, err)
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
		// Version 2 of encoding/json refuses what isn't Unicode, and a name that is there twice.
		wrong := math.IsNaN(x) || math.IsInf(x, 0) || !utf8.ValidString(s) || b && !jsontext.Value(text).IsValid()
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
