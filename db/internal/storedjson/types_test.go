//lint:file-ignore SA5008,U1000 odd tags and fields are what is tried

package storedjson_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/storedjson"
)

type tkey struct{ s string }

func (t tkey) MarshalText() ([]byte, error) { return []byte("k:" + t.s), nil }
func (t *tkey) UnmarshalText(b []byte) error {
	t.s = strings.TrimPrefix(string(b), "k:")
	return nil
}

type pkey struct{ S string }

func (t *pkey) MarshalText() ([]byte, error) { return []byte("p:" + t.S), nil }
func (t *pkey) UnmarshalText(b []byte) error { t.S = string(b); return nil }

type skey string

func (t skey) MarshalText() ([]byte, error) { return []byte("s:" + string(t)), nil }

type ikey int

func (t ikey) MarshalText() ([]byte, error) { return []byte("i:" + strconv.Itoa(int(t))), nil }

type vjson struct{ S string }

func (v vjson) MarshalJSON() ([]byte, error) { return storedjson.Marshal([]string{v.S}, true) }
func (v *vjson) UnmarshalJSON(b []byte) error {
	v.S = "got " + string(b)
	return nil
}

type pjson struct{ S string }

func (v *pjson) MarshalJSON() ([]byte, error) { return []byte(" { \"p\" : \"<" + v.S + ">\" } "), nil }
func (v *pjson) UnmarshalJSON(b []byte) error { v.S = "got " + string(b); return nil }

type badjson struct{}

func (badjson) MarshalJSON() ([]byte, error) {
	return []byte("\"\xff\\ufffd\\ud800 \\u2028\u2028<\""), nil
}

type dupjson struct{}

func (dupjson) MarshalJSON() ([]byte, error) { return []byte(`{"a":1,"a":2, "\u0061":1.0e2}`), nil }

type mybyte byte
type bjson byte

func (b bjson) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(`"%d"`, b)), nil }

type btext byte

func (b btext) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf(`<%d>`, b)), nil }

type embT struct {
	time.Time
}
type embTM struct{ time.Time }

func (t embTM) MarshalText() ([]byte, error) { return []byte("own"), nil }

type embD struct{ embTM }
type Inner struct {
	A int
	B string `json:"b,omitempty"`
}
type inner2 struct {
	A int
	C string
}
type Emb struct {
	Inner
	X int
}
type EmbP struct {
	*Inner
	X int
}
type Emb2 struct {
	Inner
	inner2
	X int
}
type embp3 struct {
	*inner2
	X int
}
type Named struct {
	Inner `json:"inner"`
	X     int
}
type rec struct {
	N    *rec `json:"n,omitempty"`
	M    map[string]rec
	S    []rec
	V    any
	priv int
}
type opts struct {
	A int              `json:",omitempty"`
	B string           `json:",omitempty"`
	C *int             `json:",omitempty"`
	D []int            `json:",omitempty"`
	E map[string]int   `json:",omitempty"`
	F any              `json:",omitempty"`
	G float64          `json:",omitempty"`
	H bool             `json:",omitempty"`
	I [0]int           `json:",omitempty"`
	J [1]int           `json:",omitempty"`
	K Inner            `json:",omitempty"`
	L *Inner           `json:",omitempty"`
	M time.Time        `json:",omitempty"`
	N json.RawMessage  `json:",omitempty"`
	O json.Number      `json:",omitempty"`
	P uint8            `json:",omitempty"`
	Q *string          `json:",omitempty"`
	R time.Duration    `json:",omitempty"`
	S []byte           `json:",omitempty"`
	T vjson            `json:",omitempty"`
	U **int            `json:",omitempty"`
	V map[int]*Inner   `json:",omitempty"`
	W interface{ X() } `json:",omitempty"`
	Y complexless      `json:",omitempty"`
	Z *time.Time       `json:",omitempty"`
}
type complexless struct{}
type zero struct {
	A int        `json:",omitzero"`
	M time.Time  `json:",omitzero"`
	K Inner      `json:",omitzero"`
	D []int      `json:",omitzero"`
	P *time.Time `json:",omitzero,omitempty"`
	E isz        `json:",omitzero"`
	F [2]int     `json:",omitzero"`
	G embD       `json:",omitzero"`
	H any        `json:",omitzero"`
}
type isz struct{ Z bool }

func (i isz) IsZero() bool { return i.Z }

type str struct {
	A int            `json:",string"`
	B string         `json:",string"`
	C *int           `json:",string"`
	D bool           `json:",string"`
	E float64        `json:",string"`
	F json.Number    `json:",string"`
	G []int          `json:",string"`
	H *string        `json:",string"`
	I any            `json:",string"`
	J **int          `json:",string"`
	K time.Duration  `json:",string"`
	L uint8          `json:",string,omitempty"`
	M map[string]int `json:",string"`
	N Inner          `json:",string"`
	O ikey           `json:",string"`
	P *bool          `json:",string"`
	Q float32        `json:",string"`
	R skey           `json:",string"`
}
type tags struct {
	A int            `json:"a b"`
	B int            `json:"a,b"`
	C int            `json:"-"`
	D int            `json:"-,"`
	E int            `json:"é"`
	F int            `json:"x\"y"`
	G int            `json:"'q'"`
	H int            `json:"<h>"`
	I int            `json:",inline"`
	J Inner          `json:",inline"`
	K int            `json:"k,case:ignore"`
	L int            `json:"l,case:strict"`
	M map[string]any `json:",unknown"`
	N int            `json:"n,format:hex"`
	O time.Time      `json:"o,format:unix"`
	P []byte         `json:"p,format:hex"`
	Q time.Duration  `json:"q,format:sec"`
	R int            `json:"'r,s'"`
	S int            `json:"$%&"`
	T int            `json:"\u2028"`
	U Inner          `json:",embed"`
}
type conflicts struct {
	A   int `json:"x"`
	C   int `json:"X"`
	D   int
	D2  int `json:"d"`
	E_F int
	EF  int `json:"e-f"`
}
type priv struct{ a int }
type kinds struct {
	I8   int8
	I16  int16
	I32  int32
	I64  int64
	I    int
	U8   uint8
	U16  uint16
	U32  uint32
	U64  uint64
	U    uint
	Up   uintptr
	F32  float32
	F64  float64
	S    string
	B    bool
	By   []byte
	Arr  [3]byte
	Arr2 [2]int
	MB   []mybyte
	MA   [2]mybyte
	BJ   []bjson
	BT   []btext
	BT2  [2]btext
	R    json.RawMessage
	N    json.Number
	D    time.Duration
	T    time.Time
	P    *int
	An   any
	Dt   embD
	Tk   tkey
	Pk   pkey
	Vj   vjson
	Pj   pjson
	PPj  *pjson
	Sl   []pjson
	Ip   netip.Addr
	Bi   big.Int
	Bp   *big.Int
	Ur   url.URL
	Et   embT
	Etm  embTM
	TM   encoding.TextMarshaler
	JM   json.Marshaler
}

// types are those that values are made of, also inside an any.
var types = []reflect.Type{
	reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`}, {Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
	}),
	reflect.TypeFor[any](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int64](), reflect.TypeFor[uint64](), reflect.TypeFor[uint8](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[string](), reflect.TypeFor[bool](),
	reflect.TypeFor[[]byte](), reflect.TypeFor[[3]byte](), reflect.TypeFor[[]mybyte](), reflect.TypeFor[[]bjson](), reflect.TypeFor[[]btext](), reflect.TypeFor[[2]btext](), reflect.TypeFor[[2]bjson](), reflect.TypeFor[[]int](), reflect.TypeFor[[][]int](), reflect.TypeFor[[2]int](), reflect.TypeFor[[]any](), reflect.TypeFor[[]string](),
	reflect.TypeFor[map[string]any](), reflect.TypeFor[map[string]string](), reflect.TypeFor[map[int]string](), reflect.TypeFor[map[int8]string](), reflect.TypeFor[map[uint64]int](), reflect.TypeFor[map[tkey]int](), reflect.TypeFor[map[pkey]int](), reflect.TypeFor[map[*tkey]int](), reflect.TypeFor[map[skey]int](), reflect.TypeFor[map[ikey]int](),
	reflect.TypeFor[map[time.Time]int](), reflect.TypeFor[map[embT]int](), reflect.TypeFor[map[embTM]int](), reflect.TypeFor[map[embD]int](), reflect.TypeFor[map[bool]int](), reflect.TypeFor[map[float64]int](), reflect.TypeFor[map[any]int](), reflect.TypeFor[map[netip.Addr]int](), reflect.TypeFor[map[vjson]int](), reflect.TypeFor[map[time.Duration]int](), reflect.TypeFor[map[encoding.TextMarshaler]int](), reflect.TypeFor[map[Inner]int](), reflect.TypeFor[map[json.Number]int](), reflect.TypeFor[map[[1]int]int](), reflect.TypeFor[map[mybyte]int](),
	reflect.TypeFor[map[string][]int](), reflect.TypeFor[map[string]map[string]*int](), reflect.TypeFor[map[string]Inner](), reflect.TypeFor[map[string]pjson](), reflect.TypeFor[map[string]*pjson](), reflect.TypeFor[[1]pjson](), reflect.TypeFor[*int](), reflect.TypeFor[**string](), reflect.TypeFor[*[]int](),
	reflect.TypeFor[tkey](), reflect.TypeFor[pkey](), reflect.TypeFor[*pkey](), reflect.TypeFor[vjson](), reflect.TypeFor[pjson](), reflect.TypeFor[*pjson](), reflect.TypeFor[badjson](), reflect.TypeFor[dupjson](), reflect.TypeFor[embT](), reflect.TypeFor[embTM](), reflect.TypeFor[embD](),
	reflect.TypeFor[Inner](), reflect.TypeFor[Emb](), reflect.TypeFor[EmbP](), reflect.TypeFor[Emb2](), reflect.TypeFor[embp3](), reflect.TypeFor[Named](), reflect.TypeFor[rec](), reflect.TypeFor[opts](), reflect.TypeFor[zero](), reflect.TypeFor[str](), reflect.TypeFor[tags](), reflect.TypeFor[conflicts](), reflect.TypeFor[priv](), reflect.TypeFor[kinds](), reflect.TypeFor[struct{}](),
	reflect.TypeFor[json.RawMessage](), reflect.TypeFor[*json.RawMessage](), reflect.TypeFor[json.Number](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[big.Int](), reflect.TypeFor[big.Float](), reflect.TypeFor[url.URL](), reflect.TypeFor[netip.Prefix](), reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[complex64](), reflect.TypeFor[error](), reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[json.Marshaler](), reflect.TypeFor[interface{ X() }](), reflect.TypeFor[skey](), reflect.TypeFor[ikey](), reflect.TypeFor[map[string]json.RawMessage](), reflect.TypeFor[[]time.Time](),
}
