package dbtype_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

type settings struct {
	Theme  string            `json:"theme"`
	Sizes  []int64           `json:"sizes,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Since  *dbtype.Time      `json:"since"`
	Score  float64           `json:"score"`
}

func someSettings() settings {
	return settings{
		Theme:  "dark <b>&\u2028\x00é",
		Sizes:  []int64{math.MinInt64, 1<<53 + 1, 0},
		Labels: map[string]string{"b": "2", "a": "1"},
		Since:  new(dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC))),
		Score:  0.1,
	}
}

func TestOfRoundTrip(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		ofRoundTrip(t, pool, someSettings(),
			`{"theme":"dark <b>&\u2028\u0000é","sizes":[-9223372036854775808,9007199254740993,0],"labels":{"a":"1","b":"2"},"since":"2026-01-02T03:04:05.678Z","score":0.1}`)
		ofRoundTrip(t, pool, settings{}, `{"theme":"","since":null,"score":0}`)
		ofRoundTrip(t, pool, new(someSettings().Theme), `"dark <b>&\u2028\u0000é"`)
		ofRoundTrip(t, pool, []string{}, `[]`)
		ofRoundTrip(t, pool, []string(nil), `null`)
		ofRoundTrip(t, pool, map[string]any{"a": []any{1.5, "x", nil, true}}, `{"a":[1.5,"x",null,true]}`)
		ofRoundTrip(t, pool, (*settings)(nil), `null`)
		ofRoundTrip(t, pool, "123", `"123"`)
		ofRoundTrip(t, pool, true, `true`)
		ofRoundTrip(t, pool, json.RawMessage(` {"a": 1} `), `{"a":1}`)
		ofRoundTrip(t, pool, byPointer{7}, `[7]`)
	})
}

// ofRoundTrip stores v, wants it as the given text, and as it was.
func ofRoundTrip[T any](t *testing.T, pool *sql.DB, v T, text string) {
	t.Helper()
	for _, declared := range []string{"text", "json"} {
		var got dbtype.Of[T]
		if class := roundTrip(t, pool, declared, dbtype.Of[T]{V: v}, &got); class != "text" {
			t.Errorf("%s in a %s column is stored as %s", text, declared, class)
		}
		if _, raw := any(v).(json.RawMessage); !raw {
			if diff := cmp.Diff(v, got.V); diff != "" {
				t.Errorf("%s in a %s column (-want +got):\n%s", text, declared, diff)
			}
		}
		var pointer *dbtype.Of[T]
		if roundTrip(t, pool, declared, &got, &pointer); pointer == nil {
			t.Errorf("%s in a %s column is nil", text, declared)
		}
		var raw string
		if err := pool.QueryRowContext(t.Context(), "SELECT v FROM t_"+declared+" ORDER BY rowid DESC").Scan(&raw); err != nil || raw != text {
			t.Errorf("in a %s column is %s, %v; want %s", declared, raw, err, text)
		}
		var none *dbtype.Of[T]
		if class := roundTrip(t, pool, declared, none, &pointer); class != "null" || pointer != nil {
			t.Errorf("nil in a %s column is stored as %s, comes back as %v", declared, class, pointer)
		}
	}
}

// byPointer is marshalled by a method of its pointer.
type byPointer struct{ n int }

func (b *byPointer) MarshalJSON() ([]byte, error)    { return json.Marshal([]int{b.n}) }
func (b *byPointer) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &[]*int{&b.n}) }
func (b byPointer) Equal(other byPointer) bool       { return b == other }

func TestOfInExpressions(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		if _, err := pool.ExecContext(t.Context(), "CREATE TABLE t (j json, b blob, none json)"); err != nil {
			t.Fatal(err)
		}
		want := dbtype.Of[settings]{V: someSettings()}
		if _, err := pool.ExecContext(t.Context(), "INSERT INTO t (j, b) VALUES (?1, jsonb(?1))", want); err != nil {
			t.Fatal(err)
		}
		for _, expression := range []string{
			"j", "json(j)", "json(b)", "coalesce(none, j)", "max(j)", "CASE WHEN none IS NULL THEN j END", "(SELECT j FROM t)",
			"json_group_array(json(j)) -> 0", "json_object('a', json(j)) -> 'a'", "json_set(j, '$.theme', j ->> 'theme')", "CAST(j AS jsontext)",
			"CAST(j AS blob)",
		} {
			var got dbtype.Of[settings]
			if err := pool.QueryRowContext(t.Context(), "SELECT "+expression+" FROM t").Scan(&got); err != nil {
				t.Errorf("%s: %v", expression, err)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", expression, diff)
			}
		}
		var all dbtype.Of[[]settings]
		if err := pool.QueryRowContext(t.Context(), "SELECT json_group_array(json(j)) FROM t").Scan(&all); err != nil || len(all.V) != 1 {
			t.Errorf("json_group_array gives %v, %v", all.V, err)
		}
		var theme string
		if err := pool.QueryRowContext(t.Context(), "SELECT j ->> '$.labels.a' FROM t WHERE j = ?", want).Scan(&theme); err != nil || theme != "1" {
			t.Errorf("->> gives %q, %v", theme, err)
		}
	})
}

func TestOfScan(t *testing.T) {
	before := someSettings()
	for _, tt := range []struct {
		src  any
		want string // in the error; "" is none
	}{
		{`{"theme":"x"}`, ""},
		{[]byte(`{"theme":"x","unknown":1}`), ""},
		{nil, "scan into *dbtype.Of[github.com/duolite/duolite/db/dbtype_test.settings]"},
		{`{"theme":1}`, "can't read JSON as dbtype_test.settings: json: cannot unmarshal number"},
		{`[]`, "can't read JSON as dbtype_test.settings"},
		{`{`, "not valid JSON (1 bytes); in SQL, json(column)"},
		{`{} {}`, "not valid JSON"},
		{[]byte("\x3c\x17a\x131"), "not valid JSON (5 bytes); in SQL, json(column)"},
		{[]byte("3123"), "may be JSON or JSONB"},
		{"{\"theme\":\"\xff\"}", "not valid JSON"},
		{int64(0), "the number 0 isn't read as JSON"},
		{1.5, "the number 1.5 isn't read as JSON"},
		{true, "can't read JSON from bool"},
	} {
		got := dbtype.Of[settings]{V: before}
		err := got.Scan(tt.src)
		switch {
		case tt.want == "":
			if diff := cmp.Diff(settings{Theme: "x"}, got.V); err != nil || diff != "" {
				t.Errorf("%s: %v; nothing is to be left of what was (-want +got):\n%s", tt.src, err, diff)
			}
		case err == nil || !strings.Contains(err.Error(), tt.want):
			t.Errorf("%v: error %v, want %s", tt.src, err, tt.want)
		default:
			if diff := cmp.Diff(before, got.V); diff != "" {
				t.Errorf("%v fails and changes the value (-want +got):\n%s", tt.src, diff)
			}
		}
	}
	wrong := new(json.UnmarshalTypeError)
	if err := new(dbtype.Of[int]).Scan(`"x"`); !errors.As(err, &wrong) {
		t.Errorf("error %v, want a json.UnmarshalTypeError", err)
	}
	null := dbtype.Of[settings]{V: before}
	if err := null.Scan("null"); err != nil || !cmp.Equal(null.V, settings{}) {
		t.Errorf("JSON's null is read as %v, %v; want the zero value", null.V, err)
	}
}

func TestOfRefuses(t *testing.T) {
	loop := []any{nil}
	loop[0] = loop
	for _, v := range []any{make(chan int), math.NaN(), math.Inf(1), func() {}, json.RawMessage("{"), loop} {
		if value, err := (dbtype.Of[any]{V: v}).Value(); err == nil || !strings.HasPrefix(err.Error(), "can't write interface {} as JSON: json: ") {
			t.Errorf("%T is stored as %v, %v", v, value, err)
		}
	}
}

// TestOfTwoReaders has why a name that is there twice is refused.
func TestOfTwoReaders(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		var first int
		var second map[string]int
		var refused dbtype.Of[map[string]int]
		const text = `{"a":1,"a":2}`
		if err := d.Open(t, nil).QueryRowContext(t.Context(), "SELECT ? ->> 'a'", text).Scan(&first); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &second); err != nil || first != 1 || second["a"] != 2 {
			t.Errorf("to SQLite it is %d, to encoding/json %d, %v", first, second["a"], err)
		}
		if err := refused.Scan(text); err == nil || !strings.Contains(err.Error(), `duplicate object member name "a"`) {
			t.Errorf("read as %v, %v", refused.V, err)
		}
	})
}

// TestOfJSON wants Of to be to other programs what its value is.
func TestOfJSON(t *testing.T) {
	type object struct {
		A dbtype.Of[settings]
		B *dbtype.Of[int]
		C dbtype.Of[[]string] `json:",omitzero"`
	}
	in := object{A: dbtype.Of[settings]{V: settings{Theme: "<"}}}
	text, err := json.Marshal(in)
	if want := `{"A":{"theme":"\u003c","since":null,"score":0},"B":null}`; err != nil || string(text) != want {
		t.Errorf("marshalled %s, %v; want %s", text, err, want)
	}
	var out object
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("unmarshalled (-want +got):\n%s", diff)
	}
	if text, err := json.Marshal(dbtype.Of[byPointer]{V: byPointer{7}}); err != nil || string(text) != "[7]" {
		t.Errorf("with a method of the pointer marshalled %s, %v", text, err)
	}
	var again dbtype.Of[settings]
	if text, err := in.A.MarshalText(); err != nil || again.UnmarshalText(text) != nil || !cmp.Equal(in.A, again) {
		t.Errorf("as text %s, %v; read as %v", text, err, again)
	}
}
