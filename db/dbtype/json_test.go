package dbtype_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

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

// TestJSONRefuses has what isn't JSON text, as SQLite may hand it over.
func TestJSONRefuses(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for _, tt := range []struct {
			expression, want string // "" is an error
		}{
			{`jsonb('{"a":1}')`, ""},
			{`json(jsonb('{"a":1}'))`, `{"a":1}`},
			{`jsonb('123')`, ""}, // the bytes 3123
			{`json(jsonb('123'))`, `123`},
			{`jsonb('"abc"')`, ""},
			{`jsonb('null')`, ""},
			{`'{a:1}'`, ""}, // JSON5
			{`json('{a:1}')`, `{"a":1}`},
			{`''`, ""},
			{`x''`, ""},
			{`'{'`, ""},
			{`CAST('{"a":1}' AS json)`, ""}, // the number 0
			{`CAST('{"a":1}' AS jsontext)`, `{"a":1}`},
			{`CAST('123' AS jsontext)`, `123`},
			{`CAST('{"a":1}' AS blob)`, `{"a":1}`},
			{`json_extract('{"a":1}', '$.a')`, ""},
			{`'{"a":1}' -> '$.a'`, `1`},
			{`'{"a":"b"}' ->> '$.a'`, ""},
			{`'{"a":"b"}' -> '$.a'`, `"b"`},
			{`1.5`, ""},
		} {
			before := dbtype.JSON(`"before"`)
			got := before
			err := pool.QueryRowContext(t.Context(), "SELECT "+tt.expression).Scan(&got)
			switch {
			case tt.want != "" && (err != nil || got.String() != tt.want):
				t.Errorf("%s is %s, %v; want %s", tt.expression, got, err, tt.want)
			case tt.want == "" && (err == nil || got.String() != before.String()):
				t.Errorf("%s is read as %s, %v; want an error", tt.expression, got, err)
			}
		}
		// A column declared json makes a number of a JSON number, so it can't be told
		// from what a cast leaves; the error says where to keep it.
		var got dbtype.JSON
		err := pool.QueryRowContext(t.Context(), "SELECT v FROM (SELECT 12 AS v)").Scan(&got)
		if err == nil || !strings.Contains(err.Error(), "a type with text in its name") {
			t.Errorf("a number is read as %s, %v", got, err)
		}
	})
}

func TestJSONText(t *testing.T) {
	for _, text := range []string{`{ "a": 1 }`, `"é"`, `null`, `-0.0e+5`} {
		var got dbtype.JSON
		if err := got.UnmarshalText([]byte(text)); err != nil || got.String() != text {
			t.Errorf("UnmarshalText of %s gives %s, %v", text, got, err)
		}
		if again, err := got.MarshalText(); err != nil || string(again) != text {
			t.Errorf("MarshalText of %s gives %s, %v", text, again, err)
		}
	}
	if text, err := dbtype.JSON(nil).MarshalText(); err != nil || string(text) != "null" {
		t.Errorf("MarshalText of nil gives %s, %v", text, err)
	}
	for _, text := range []string{``, `{`, `x`, "\"\xff\"", `1 2`} {
		got := dbtype.JSON("1")
		if err := got.UnmarshalText([]byte(text)); err == nil || got.String() != "1" {
			t.Errorf("UnmarshalText of %q gives %s, %v", text, got, err)
		}
		if _, err := dbtype.JSON(text).MarshalText(); err == nil {
			t.Errorf("MarshalText of %q succeeds", text)
		}
		if _, err := dbtype.JSON(text).Value(); err == nil {
			t.Errorf("Value of %q succeeds", text)
		}
	}
}
