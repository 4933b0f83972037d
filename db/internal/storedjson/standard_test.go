//go:build !goexperiment.jsonv2

package storedjson_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/storedjson"
	"github.com/go-json-experiment/json/jsontext"
)

// standard is what an encoder without SetEscapeHTML writes.
func standard(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// otherwise are the types that encoding/json writes or reads in another way since Go 1.27,
// and so do we: names of other kinds, which were an error even in a map that is empty, the
// tags of version 2, and the methods of what is in an interface.
var otherwise = []reflect.Type{
	reflect.TypeFor[map[any]int](), reflect.TypeFor[map[float64]int](), reflect.TypeFor[map[bool]int](), reflect.TypeFor[map[[1]int]int](),
	reflect.TypeFor[map[vjson]int](), reflect.TypeFor[map[pkey]int](), reflect.TypeFor[map[Inner]int](), reflect.TypeFor[map[*tkey]int](),
	reflect.TypeFor[map[encoding.TextMarshaler]int](), reflect.TypeFor[tags](),
}

var common = slices.DeleteFunc(slices.Clone(types), func(t reflect.Type) bool { return slices.Contains(otherwise, t) })

// TestStandard compares with encoding/json itself, where that isn't version 2.
func TestStandard(t *testing.T) {
	for _, typ := range common {
		for seed := range 200 {
			compare(t, typ, seed)
		}
	}
}

func FuzzStandard(f *testing.F) {
	f.Add(1, 1)
	f.Fuzz(func(t *testing.T, index, seed int) {
		compare(t, common[uint(index)%uint(len(common))], seed)
	})
}

func compare(t *testing.T, typ reflect.Type, seed int) {
	t.Helper()
	for _, escape := range []bool{false, true} {
		own := func(v any) ([]byte, error) { return storedjson.Marshal(v, escape) }
		theirs := standard
		if escape {
			theirs = json.Marshal
		}
		value, got := written(common, typ, seed, own)
		_, want := written(common, typ, seed, theirs)
		if got != escapedForJS.Replace(want) && !(got == failed && isRefused(want)) {
			t.Errorf("%v, %d: written as\n%s, want\n%s: %s", typ, seed, got, want, value)
		}
	}
	text, got := read(common, typ, seed, storedjson.Unmarshal)
	if _, want := read(common, typ, seed, json.Unmarshal); got != want && !(got == failed && isRefused(text)) {
		t.Errorf("%v, %d: read as\n%s, want\n%s: %q", typ, seed, got, want, text)
	}
}

// escapedForJS escapes what we also escape in the text of a MarshalJSON.
var escapedForJS = strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`)

// isRefused reports whether encoding/json mended the text, or a reader mends it, or it has
// a name twice.
func isRefused(text string) bool {
	return strings.Contains(text, `\ufffd`) || json.Valid([]byte(text)) && !jsontext.Value(text).IsValid()
}
