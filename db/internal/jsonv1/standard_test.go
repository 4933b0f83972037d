//go:build !goexperiment.jsonv2

package jsonv1_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/duolite/duolite/db/internal/jsonv1"
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

// TestStandard compares with encoding/json itself, where that isn't version 2.
func TestStandard(t *testing.T) {
	for _, typ := range types {
		for seed := range 200 {
			compare(t, typ, seed)
		}
	}
}

func FuzzStandard(f *testing.F) {
	f.Add(1, 1)
	f.Fuzz(func(t *testing.T, index, seed int) {
		compare(t, types[uint(index)%uint(len(types))], seed)
	})
}

func compare(t *testing.T, typ reflect.Type, seed int) {
	t.Helper()
	if want, got := written(typ, seed, standard), written(typ, seed, marshal); got != want {
		t.Errorf("%v, %d: written as\n%s, want\n%s", typ, seed, got, want)
	}
	escaped := func(v any) ([]byte, error) { return jsonv1.Marshal(v, true) }
	if want, got := written(typ, seed, json.Marshal), written(typ, seed, escaped); got != want {
		t.Errorf("%v, %d: written as\n%s, want\n%s", typ, seed, got, want)
	}
	if want, got := read(typ, seed, json.Unmarshal), read(typ, seed, jsonv1.Unmarshal); got != want {
		t.Errorf("%v, %d: read as\n%s, want\n%s", typ, seed, got, want)
	}
}
