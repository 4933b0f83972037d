package hrana

import (
	"strconv"
	"strings"
	"testing"
)

// TestKnownColumns makes the columns of a statement once, and others for another text.
func TestKnownColumns(t *testing.T) {
	known := newKnownColumns()
	read := func(text string) *scanner { return &scanner{data: []byte(text), known: known} }
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
	for i := range 2 * maxKnown {
		if _, err := read(`[{"name":"` + strconv.Itoa(i) + `"}]`).columns(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := read(`[{"name":"` + strings.Repeat("a", maxKnownText) + `"}]`).columns(); err != nil {
		t.Fatal(err)
	}
	if len(known.byText) != maxKnown {
		t.Errorf("%d texts are kept, want %d", len(known.byText), maxKnown)
	}
	for _, bad := range []string{`[{"name":"a"}`, `[{"name":1}]`, `{}`} {
		if columns, err := read(bad).columns(); err == nil {
			t.Errorf("%s: %v", bad, columns)
		}
	}
}
