package dbcheck

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRuleDocs: the package comment lists the rules of the table.
func TestRuleDocs(t *testing.T) {
	var want, got []string
	for _, r := range rules {
		want = append(want, "//   - "+string(r.name)+": "+r.doc+".")
	}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "//   - ") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the list in doc.go (-want +got):\n%s", diff)
	}
}

// TestRuleRows: each row of the table has a function, a file of its name, and a case whose
// finding is in a golden file.
func TestRuleRows(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	var golden strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden.Write(text)
	}
	for _, r := range rules {
		if reflect.ValueOf(r.check).IsZero() {
			t.Errorf("the rule %s has no function", r.name)
		}
		if _, err := os.Stat("rule_" + strings.ReplaceAll(string(r.name), "-", "_") + ".go"); err != nil {
			t.Errorf("the rule %s has no file: %v", r.name, err)
		}
		if !strings.Contains(golden.String(), " ("+string(r.name)+")\n") {
			t.Errorf("no golden file has a finding of the rule %s", r.name)
		}
	}
}
