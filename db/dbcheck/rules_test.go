package dbcheck

import (
	"go/build"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRuleDocs: the package comment lists the rules of the table, each with a sentence.
func TestRuleDocs(t *testing.T) {
	var got []string
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rule, ok := strings.CutPrefix(line, "//   - "); ok {
			name, says, _ := strings.Cut(rule, ": ")
			if got = append(got, name); !strings.HasSuffix(says, ".\n") {
				t.Errorf("no sentence about %s", name)
			}
		}
	}
	if diff := cmp.Diff(ruleNames(), got); diff != "" {
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

// TestPipeline: each package of the gate uses only the packages before it.
func TestPipeline(t *testing.T) {
	const internal = "github.com/duolite/duolite/db/dbcheck/internal/"
	before := []string{}
	for _, name := range []string{"value", "source", "call", "trial"} {
		pkg, err := build.ImportDir(filepath.Join("internal", name), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			used, ok := strings.CutPrefix(path, internal)
			if ok && !slices.Contains(before, used) || path == strings.TrimSuffix(internal, "/internal/") {
				t.Errorf("%s uses %s", name, path)
			}
		}
		before = append(before, name)
	}
}
