package payload

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

type point struct{ X, Y int }

type base struct {
	ID   int `json:"id"`
	Name string
	Same int
}

type other struct{ Same int }

type node struct {
	Name string
	Next *node
	*node
}

// A team has itself within, if not in its memory.
type team struct {
	Name string
	*Lead
}

type Lead struct{ Of team }

type pointerValuer struct{ s string }

func (p *pointerValuer) Value() (driver.Value, error) { return p.s, nil }

type failing string

func (failing) Value() (driver.Value, error) { return nil, driver.ErrSkip }

func TestAppend(t *testing.T) {
	t.Parallel()
	type text string
	at := dbtype.NewTime(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	for _, tt := range []struct {
		row  any
		want string
	}{
		{nil, `null`},
		{7, `7`},
		{text("a"), `"a"`},
		{[]byte("a"), `"61"`},
		{[]byte(nil), `null`},
		{at, `"2026-05-01 12:00:00.000"`},
		{at.Time, `"2026-05-01 12:00:00"`},
		{dbtype.JSON(`{"a": 1}`), `"{\"a\": 1}"`},
		{1.0, `1.0`},
		{0.5, `5.0000000000000000e-01`},
		{"\x00\n\"\\é<&>", `"\u0000\n\"\\é<&>"`},
		{[]any{1, nil, "a", []int{}, []int(nil)}, `[1,null,"a",[],[]]`},
		{[2]bool{true, false}, `[true,false]`},
		{map[text]any{"b": 1, "a": point{1, 2}}, `{"a":{"X":1,"Y":2},"b":1}`},
		{map[string]int(nil), `{}`},
		{&point{1, 2}, `{"X":1,"Y":2}`},
		{(*point)(nil), `null`},
		{struct {
			A *int `json:"a,omitempty"`
			B int  `json:"-"`
			C int  `json:",omitempty"`
			e int
			F *pointerValuer
		}{F: &pointerValuer{"f"}}, `{"a":null,"C":0,"F":"f"}`},
		// Embedded ones, of which the outer hides the inner.
		{struct {
			base
			*other
			Same  string
			P     point
			point `json:"inner"`
		}{}, `{"id":0,"Name":"","Same":"","P":{"X":0,"Y":0}}`},
		{struct {
			dbtype.Time
			Point `json:"inner"`
		}{at, Point{}}, `"2026-05-01 12:00:00.000"`}, // which has the method Value of its Time
		{struct {
			*base
			Point `json:"inner"`
		}{}, `{"id":null,"Name":null,"Same":null,"inner":{"X":0,"Y":0}}`},
		{team{Name: "a"}, `{"Name":"a","Of":null}`},
		{team{"a", &Lead{team{Name: "b"}}}, `{"Name":"a","Of":{"Name":"b","Of":null}}`},
		{node{Name: "a", Next: &node{}, node: nil}, `{"Name":"a","Next":{"Name":"","Next":null}}`},
	} {
		got, err := Append([]byte("before "), tt.row)
		if string(got) != "before "+tt.want || err != nil {
			t.Errorf("%#v is written as %s, error %v; want %s", tt.row, got, err, tt.want)
		}
		if !json.Valid([]byte(tt.want)) {
			t.Errorf("%s is no JSON", tt.want)
		}
	}
}

type Point point

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	circle := &node{Name: "a"}
	circle.Next = circle
	for want, row := range map[string]any{
		"A: the string isn't UTF-8; store bytes as []byte":                                             struct{ A string }{"secret\xff"},
		"A: [1]: NaN and infinities can't be stored":                                                   struct{ A []float64 }{[]float64{1, math.NaN()}},
		"b: a func() can't be stored":                                                                  map[string]any{"b": func() {}},
		"b c: a func() can't be stored":                                                                map[string]any{"b\nc": func() {}},
		"a key of the map isn't UTF-8":                                                                 map[string]any{"secret\xff": 1},
		"the keys of a map[int]int aren't strings":                                                     map[int]int{},
		"a [2]uint8 can't be stored; use a []byte, or a type with a method Value":                      [2]byte{},
		"a json.RawMessage would be stored as a blob; use dbtype.JSON":                                 json.RawMessage("{}"),
		"the method Value of payload.pointerValuer has a pointer receiver; use *payload.pointerValuer": pointerValuer{},
		"a struct { a int } has no field that can be stored":                                           struct{ a int }{},
		"uint64 values with high bit set are not supported":                                            uint64(math.MaxUint64),
		driver.ErrSkip.Error():                                                                         failing("secret"),
		"has two fields named \"Same\"": struct {
			base
			other
		}{},
		"the value has more than 999 levels": circle,
	} {
		_, err := Append(nil, row)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%T: error %.300v, want %s", row, err, want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	row := struct {
		URL, Title string
		Visits     int64
		Weight     float64
		Added      dbtype.Time
	}{"https://example.org/a/page", "The title of the page", 12, 0.25, dbtype.Now()}
	b.ReportAllocs()
	var data []byte
	for b.Loop() {
		var err error
		if data, err = Append(data[:0], row); err != nil {
			b.Fatal(err)
		}
	}
}
