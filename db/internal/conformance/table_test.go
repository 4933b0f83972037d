package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNames wants each case to have a name of its own, and each difference to be about
// cases that there are.
func TestNames(t *testing.T) {
	names := map[string]bool{}
	for _, topic := range topics() {
		for _, c := range topic.cases {
			name := topic.name + "/" + c.name
			if names[name] || strings.Contains(c.name, "/") {
				t.Errorf("the name %q occurs twice, or has a slash in it", name)
			}
			names[name] = true
		}
	}
	t.Logf("%d cases", len(names))
	for name := range waiting {
		if !names[name] {
			t.Errorf("%q waits, which there isn't", name)
		}
	}
	keys := map[string]bool{}
	for _, d := range Differences() {
		if keys[d.Key] || len(d.cases) == 0 || d.Contract == "" || d.Instead == "" || d.Why == "" {
			t.Errorf("the difference %q occurs twice, or something of it is missing", d.Key)
		}
		keys[d.Key] = true
		for _, name := range d.Cases() {
			if !names[name] {
				t.Errorf("the difference %q is about %q, which there isn't", d.Key, name)
			}
		}
		for _, engine := range d.Engines {
			if !slices.Contains([]string{SQLite, SQLiteMemory, LibSQL, Replica, LibSQLGo}, engine) {
				t.Errorf("the difference %q is of the engine %q, which there isn't", d.Key, engine)
			}
		}
	}
	for _, engine := range []string{SQLite, SQLiteMemory, LibSQL, Replica, LibSQLGo} {
		if _, err := declared(DifferencesOf(engine)); err != nil {
			t.Errorf("%s: %v", engine, err)
		}
	}
	if _, err := declared([]string{"nothing"}); err == nil {
		t.Error("a difference that there isn't can be declared")
	}
}

// TestTable wants the documentation to have the table as it is.
func TestTable(t *testing.T) {
	file := filepath.Join("..", "..", "..", "docs", "differences.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Table() {
		t.Errorf("%s isn't what Table returns (make differences):\n%s", file, Table())
	}
}
