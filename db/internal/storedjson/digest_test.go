package storedjson_test

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

	"github.com/duolite/duolite/db/internal/storedjson"
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
func written(any []reflect.Type, t reflect.Type, seed int, marshal func(v any) ([]byte, error)) (value, text string) {
	g := gen{rand.New(rand.NewPCG(uint64(seed), 7)), any}
	v := reflect.New(t)
	g.fill(v.Elem(), 4)
	return repr(v.Elem(), 6), try(func() string {
		text, err := marshal(v.Interface())
		if err != nil {
			return failed
		}
		return string(text)
	})
}

func read(any []reflect.Type, t reflect.Type, seed int, unmarshal func(data []byte, v any) error) (text, value string) {
	g := gen{rand.New(rand.NewPCG(uint64(seed), 8)), any}
	text = g.json(3)
	v := reflect.New(t)
	if seed%2 == 0 {
		g.fill(v.Elem(), 3)
	}
	return text, try(func() string {
		if err := unmarshal([]byte(text), v.Interface()); err != nil {
			return failed // what is left of the value isn't used
		}
		return repr(v.Elem(), 6)
	})
}

const failed = "fails"

func marshal(v any) ([]byte, error) { return storedjson.Marshal(v, false) }

// TestDigests wants the same bytes of random values, and the same values of random texts,
// with every Go. TestStandard says which are right.
func TestDigests(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the digests are of ints of 64 bits")
	}
	var got strings.Builder
	for i, typ := range types {
		all := sha256.New()
		for seed := range 200 {
			value, text := written(types, typ, seed, marshal)
			fmt.Fprintf(all, "%s is %q\n", value, text)
			text, value = read(types, typ, seed, storedjson.Unmarshal)
			fmt.Fprintf(all, "%q is %s\n", text, value)
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
