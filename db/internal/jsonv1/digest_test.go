package jsonv1_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/jsonv1"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata anew")

// try returns what f does, also when it panics: values that encoding/json can't take.
func try(f func() string) (s string) {
	defer func() {
		if recover() != nil {
			s = "panic"
		}
	}()
	return f()
}

// written and read return what Marshal and Unmarshal make of one random value, or text.
func written(t reflect.Type, seed int, marshal func(v any) ([]byte, error)) string {
	g := gen{rand.New(rand.NewPCG(uint64(seed), 7))}
	v := reflect.New(t)
	g.fill(v.Elem(), 4)
	return repr(v.Elem(), 6) + " => " + try(func() string {
		text, err := marshal(v.Interface())
		return fmt.Sprintf("%q, %t", text, err == nil)
	})
}

func read(t reflect.Type, seed int, unmarshal func(data []byte, v any) error) string {
	g := gen{rand.New(rand.NewPCG(uint64(seed), 8))}
	text := g.json(3)
	v := reflect.New(t)
	if seed%2 == 0 {
		g.fill(v.Elem(), 3)
	}
	before := repr(v.Elem(), 6)
	return fmt.Sprintf("%q into %s => ", text, before) + try(func() string {
		err := unmarshal([]byte(text), v.Interface())
		return fmt.Sprintf("%s, %t", repr(v.Elem(), 6), err == nil)
	})
}

func marshal(v any) ([]byte, error) { return jsonv1.Marshal(v, false) }

// TestDigests wants the same bytes of random values, and the same values of random texts,
// with every Go: testdata was written once, and is right because TestStandard was.
func TestDigests(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the digests are of ints of 64 bits")
	}
	var got strings.Builder
	for i, typ := range types {
		all := sha256.New()
		for seed := range 200 {
			fmt.Fprintln(all, written(typ, seed, marshal))
			fmt.Fprintln(all, read(typ, seed, jsonv1.Unmarshal))
		}
		fmt.Fprintf(&got, "%d %s %.8x\n", i, typeName(typ), all.Sum(nil))
	}
	golden := filepath.Join("testdata", "digests")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("what is written or read isn't what it was (-want +got):\n%s", diff)
	}
}
