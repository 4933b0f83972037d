package wire

import (
	"strconv"
	"strings"
	"testing"
)

// TestColumnCache checks that the same text gives the same columns, and another text others.
func TestColumnCache(t *testing.T) {
	cache := NewColumnCache()
	read := func(text string) *scanner { return &scanner{data: []byte(text), cache: cache} }
	first, err := read(`[{"name":"a","decltype":"TEXT"}]`).columns()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := read(`[{"name":"a","decltype":"TEXT"}]`).columns()
	if len(again) != 1 || &again[0] != &first[0] {
		t.Errorf("the same text has other columns: %v, %v", first, again)
	}
	other, _ := read(`[{"name":"a","decltype":"DATE"}]`).columns()
	if len(other) != 1 || other[0].Declared != "DATE" || first[0].Declared != "TEXT" {
		t.Errorf("another declared type: %v, %v", first, other)
	}
	for _, text := range []string{`[{"name":"a","decltype":"TEXT"}]`, `[{"name":"a","decltype":"TEXT"},{"name":"b"}]`, ` [ ]`, `[{"name":"a","decltype":"TEXT"}]`} {
		s := read(text)
		if columns, err := s.columns(); err != nil || len(columns) != strings.Count(text, "name") || s.end() != nil {
			t.Errorf("%s: %v, error %v", text, columns, err)
		}
	}
	for i := range 2 * maxCachedColumns {
		if _, err := read(`[{"name":"` + strconv.Itoa(i) + `"}]`).columns(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := read(`[{"name":"` + strings.Repeat("a", maxCachedText) + `"}]`).columns(); err != nil {
		t.Fatal(err)
	}
	if n := len(cache.byText); n == 0 || n > maxCachedColumns {
		t.Errorf("%d texts are kept, want 1 to %d", n, maxCachedColumns)
	}
	for _, bad := range []string{`[{"name":"a"}`, `[{"name":1}]`, `{}`} {
		if columns, err := read(bad).columns(); err == nil {
			t.Errorf("%s: %v", bad, columns)
		}
	}
}
