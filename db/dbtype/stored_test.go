package dbtype_test

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

type textKey string

func (k textKey) MarshalText() ([]byte, error) { return []byte("text:" + k), nil }

// textTime has a text of its own, and an AppendText of time.Time.
type textTime struct{ time.Time }

func (textTime) MarshalText() ([]byte, error) { return []byte("own"), nil }

type tagged struct {
	A int            `json:"a,omitempty,case:ignore"`
	B time.Time      `json:"b,format:unix"`
	C []byte         `json:"c,format:hex"`
	D map[string]int `json:",inline"`
	E time.Duration  `json:"e,string"`
	F string         `json:",string"`
	G [2]byte        `json:"g"`
	H *int           `json:",omitempty"`
	I any            `json:"'i'"`
}

type withMethodTo struct{ A int }

func (withMethodTo) MarshalJSONTo(any) error { panic("called") }

// TestStoredBytes wants the same bytes in the database whichever Go compiled this: what
// is here is what encoding/json of Go 1.27 writes otherwise, and its neighbors.
func TestStoredBytes(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.FixedZone("", 3600))
	for _, tt := range []struct {
		value driver.Valuer
		want  string
	}{
		{of("a\xff\xfeb"), `"a\ufffd\ufffdb"`},
		{of("\ufffd"), "\"\ufffd\""},
		{of("<&>\u2028\u2029\x7f\b\f\x00"), `"<&>\u2028\u2029` + "\x7f" + `\b\f\u0000"`},
		{of(json.RawMessage("{ \"a\" : [\"<\u2028\\u0041\\ufffd\"], \"a\": 1.0e2 }")), "{\"a\":[\"<\u2028\\u0041\\ufffd\"],\"a\":1.0e2}"},
		{of(dbtype.JSON("[ \"\u2028\" ]")), "[\"\u2028\"]"},
		{of(map[string]int{"b": 1, "a\xff": 2, "a": 3}), `{"a":3,"a\ufffd":2,"b":1}`},
		{of(map[int]string{10: "a", 9: "b", -1: ""}), `{"-1":"","10":"a","9":"b"}`},
		{of(map[textKey]int{"k": 1}), `{"k":1}`},
		{of([]textKey{"k"}), `["text:k"]`},
		{of(map[textTime]int{{at}: 1}), `{"own":1}`},
		{of(map[time.Time]int{at: 1}), `{"2026-01-02T03:04:05.6+01:00":1}`},
		{of(map[dbtype.Time]int{dbtype.NewTime(at): 1}), `{"2026-01-02T02:04:05.600Z":1}`},
		{of(map[netip.Addr]int{netip.MustParseAddr("1.2.3.4"): 1}), `{"1.2.3.4":1}`},
		{of(map[dbtype.Of[string]]int{of("x\xff"): 1}), `{"\"x\\ufffd\"":1}`},
		{of(tagged{}), `{"b":"0001-01-01T00:00:00Z","c":null,"D":null,"e":"0","F":"\"\"","g":[0,0],"I":null}`},
		{of(tagged{A: 1, B: at, C: []byte{}, D: map[string]int{"x": 1}, E: time.Second, F: "a\"\xff", G: [2]byte{1, 2}, H: new(1), I: 1}),
			`{"a":1,"b":"2026-01-02T03:04:05.6+01:00","c":"","D":{"x":1},"e":"1000000000","F":"\"a\\\"\\ufffd\"","g":[1,2],"H":1,"I":1}`},
		{of(withMethodTo{1}), `{"A":1}`},
		{of([]any{nil, []int(nil), []int{}, map[string]int(nil), []byte("abc"), 1e20, 1e21, 1e-7, float32(0.1), int64(math.MaxInt64), json.Number("1E+2")}),
			`[null,null,[],null,"YWJj",100000000000000000000,1e+21,1e-7,0.1,9223372036854775807,1E+2]`},
		{of(dbtype.Of[string]{V: "<\xff"}), `"\u003c\ufffd"`},
	} {
		if got, err := tt.value.Value(); err != nil || got != tt.want {
			t.Errorf("%#v is stored as\n%v (%v), want\n%s", tt.value, got, err, tt.want)
		}
	}
	for _, value := range []driver.Valuer{of(map[bool]int{}), of(map[float64]int(nil)), of(map[any]int{"a": 1})} {
		if got, err := value.Value(); err == nil {
			t.Errorf("%#v is stored as %v", value, got)
		}
	}
}

func of[T any](v T) dbtype.Of[T] { return dbtype.Of[T]{V: v} }

// TestReadBytes is the same about reading.
func TestReadBytes(t *testing.T) {
	var stored dbtype.Of[tagged]
	if err := stored.Scan(`{"A":7,"b":"2026-01-02T03:04:05,6Z","c":"AQ\n==","D":{"a":1},"d":{"b":2},"e":"5","f":"\"\\ud800\"","g":[1,2,3],"unknown":[],"h":1,"h":2}`); err != nil {
		t.Fatal(err)
	}
	got := stored.V
	if got.A != 7 || got.B.Nanosecond() != 600e6 || string(got.C) != "\x01" || len(got.D) != 2 || got.E != 5 || got.F != "\ufffd" || got.G != [2]byte{1, 2} || *got.H != 2 {
		t.Errorf("read %+v", got)
	}
	for _, text := range []string{`{"e":5}`, `{"F":"a"}`, `{"b":"2026-01-02T3:04:05Z2"}`, `{"c":[1,"a"]}`} {
		if err := stored.Scan(text); err == nil {
			t.Errorf("%s is read as %+v", text, stored.V)
		}
	}
	var keys dbtype.Of[map[bool]int]
	if err := keys.Scan(`{}`); err == nil {
		t.Errorf("read as %v", keys.V)
	}
}
