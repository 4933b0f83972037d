package dbtype_test

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

type textKey string

func (k textKey) MarshalText() ([]byte, error) { return []byte("text:" + k), nil }

// textTime has a text of its own, and an AppendText of time.Time.
type textTime struct{ time.Time }

func (textTime) MarshalText() ([]byte, error) { return []byte("own"), nil }

// textAddr is the same about netip.Addr, which has no MarshalJSON.
type textAddr struct{ netip.Addr }

func (textAddr) MarshalText() ([]byte, error) { return []byte("own"), nil }

type embedded struct{ N int64 }

type common struct {
	embedded
	A      int       `json:"a,omitempty"`
	At     time.Time `json:"t"`
	Bytes  []byte    `json:"bytes"`
	M      map[string]int
	D      time.Duration `json:"d,string"`
	F      string        `json:",string"`
	G      [2]byte       `json:"g"`
	H      *int          `json:",omitempty"`
	Any    any           `json:"any"`
	Raw    json.RawMessage
	Number json.Number
	IP     netip.Addr
}

type withMethodTo struct{ A int }

func (withMethodTo) MarshalJSONTo(any) error { panic("called") }

// TestStoredBytes wants the same bytes in the database whichever Go compiled this. The
// types that version 2 of encoding/json treats otherwise than version 1 are among them.
func TestStoredBytes(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.FixedZone("", 3600))
	for _, tt := range []struct {
		value driver.Valuer
		want  string
	}{
		{of("\ufffd"), "\"\ufffd\""},
		{of("<&>\u2028\u2029\x7f\b\f\x00"), `"<&>\u2028\u2029` + "\x7f" + `\b\f\u0000"`},
		{of(json.RawMessage("{ \"a\" : [\"<\u2028\\u0041\\ufffd\"], \"A\": 1.0e2 }")), `{"a":["<\u2028\u0041\ufffd"],"A":1.0e2}`},
		{of(dbtype.JSON("[ \"\u2028\" ]")), `["\u2028"]`},
		{of(map[string]int{"b": 1, "é": 2, "a": 3}), `{"a":3,"b":1,"é":2}`},
		{of(map[int]string{10: "a", 9: "b", -1: ""}), `{"-1":"","10":"a","9":"b"}`},
		{of(map[textKey]int{"k": 1}), `{"k":1}`},
		{of([]textKey{"k"}), `["text:k"]`},
		{of(map[textTime]int{{at}: 1}), `{"own":1}`},
		{of([]textAddr{{}}), `["own"]`},
		{of(map[time.Time]int{at: 1}), `{"2026-01-02T03:04:05.6+01:00":1}`},
		{of(map[dbtype.Time]int{dbtype.NewTime(at): 1}), `{"2026-01-02T02:04:05.600Z":1}`},
		{of(map[netip.Addr]int{netip.MustParseAddr("1.2.3.4"): 1}), `{"1.2.3.4":1}`},
		{of(map[dbtype.Of[string]]int{of("x"): 1}), `{"\"x\"":1}`},
		{of(map[json.Number]int{"01": 1}), `{"01":1}`},
		{of(common{}), `{"N":0,"t":"0001-01-01T00:00:00Z","bytes":null,"M":null,"d":"0","F":"\"\"","g":[0,0],"any":null,"Raw":null,"Number":0,"IP":""}`},
		{of(common{
			embedded: embedded{1<<53 + 1}, A: 1, At: at, Bytes: []byte("\xff\x00"), M: map[string]int{"x": 1}, D: time.Second, F: "a\"", G: [2]byte{1, 2}, H: new(1),
			Any: []any{1}, Raw: json.RawMessage(` [1] `), Number: "1.50", IP: netip.MustParseAddr("1.2.3.4"),
		}), `{"N":9007199254740993,"a":1,"t":"2026-01-02T03:04:05.6+01:00","bytes":"/wA=","M":{"x":1},"d":"1000000000","F":"\"a\\\"\"","g":[1,2],"H":1,"any":[1],"Raw":[1],"Number":1.50,"IP":"1.2.3.4"}`},
		{of(withMethodTo{1}), `{"A":1}`},
		{of([]any{nil, []int(nil), []int{}, map[string]int(nil), []byte("abc"), 1e20, 1e21, 1e-7, float32(0.1), int64(math.MaxInt64), json.Number("1E+2"), math.Copysign(0, -1)}),
			`[null,null,[],null,"YWJj",100000000000000000000,1e+21,1e-7,0.1,9223372036854775807,1E+2,-0]`},
		{of(dbtype.Of[string]{V: "<"}), `"\u003c"`},
		{of(map[bool]int{}), `{}`},
	} {
		if got, err := tt.value.Value(); err != nil || got != tt.want {
			t.Errorf("%#v is stored as\n%v (%v), want\n%s", tt.value, got, err, tt.want)
		}
	}
}

func of[T any](v T) dbtype.Of[T] { return dbtype.Of[T]{V: v} }

// TestStoredErrors has what would come back as another value, or is two things to two readers.
func TestStoredErrors(t *testing.T) {
	for _, tt := range []struct {
		value driver.Valuer
		want  string // in the error
	}{
		{of("a\xff"), `invalid UTF-8`},
		{of(common{Any: []any{"a\xff"}}), `invalid UTF-8 within "/any/0"`},
		{of(map[string]int{"a\xff": 1}), `invalid UTF-8`},
		{of(map[dbtype.Of[string]]int{of("x\xff"): 1}), `invalid UTF-8`},
		{of(json.RawMessage(`"\ud800"`)), `surrogate pair`},
		{of(json.RawMessage(`{"a":1,"\u0061":2}`)), `duplicate object member name "a"`},
		{of([]dbtype.JSON{dbtype.JSON(`{"a":{"b":1,"b":1}}`)}), `duplicate object member name "b"`},
		{of(map[bool]int{true: 1}), `bool`},
		{of(struct {
			A time.Time `json:",format:unix"`
		}{}), "unsupported `format` tag"},
	} {
		if got, err := tt.value.Value(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%#v is stored as %v, %v; want an error with %q", tt.value, got, err, tt.want)
		}
	}
}

// TestReadBytes is the same about reading.
func TestReadBytes(t *testing.T) {
	var stored dbtype.Of[common]
	if err := stored.Scan(`{"n":9007199254740993,"A":7,"t":"2026-01-02T03:04:05,6Z","bytes":"AQ\n==","m":{"b":2},"d":"5","f":"\"\\ud83d\\ude00\"","g":[1,2,3],"unknown":[],"h":1,"Number":"5","any":1}`); err != nil {
		t.Fatal(err)
	}
	got := stored.V
	if got.N != 1<<53+1 || got.A != 7 || got.At.Nanosecond() != 600e6 || string(got.Bytes) != "\x01" || got.M["b"] != 2 || got.D != 5 || got.F != "😀" ||
		got.G != [2]byte{1, 2} || *got.H != 1 || got.Number != "5" || got.Any != 1.0 {
		t.Errorf("read %+v", got)
	}
	for text, want := range map[string]string{
		`{"d":5}`:                      "cannot unmarshal number",
		`{"F":"a"}`:                    "cannot unmarshal string",
		`{"t":"2026-01-02T3:04:05Z2"}`: "parsing time",
		`{"bytes":[1,"a"]}`:            "cannot unmarshal string",
		`{"any":{"b":1,"b":2}}`:        `duplicate object member name "b" within "/any"`,
		`{"h":1,"H":2}`:                "duplicate object member name",
		`{"any":"\ud800"}`:             `invalid surrogate pair`,
	} {
		if err := stored.Scan(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is read as %+v, %v; want an error with %q", text, stored.V, err, want)
		}
	}
}
