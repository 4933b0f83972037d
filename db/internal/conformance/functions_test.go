package conformance

import (
	"database/sql"
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

var update = goflag.Bool("update", false, "write functions.txt anew, with the values that there are")

// TestFunctions compares the homes: each expression of functions.txt, and the names of all
// functions and modules. It prints what differs, and fails where the table says otherwise.
func TestFunctions(t *testing.T) {
	server := dbtest.StartServer(t)
	file, remote := openHome(t, filepath.Join(t.TempDir(), "test.db")), openHome(t, server.URL())
	var text strings.Builder
	for line := range strings.Lines(expressionsText) {
		line = strings.TrimSuffix(line, "\n")
		query, _, ok := strings.Cut(line, "\t")
		if !ok {
			fmt.Fprintln(&text, line)
			continue
		}
		here, there := valueOf(t, file, query), valueOf(t, remote, query)
		if here == there {
			fmt.Fprintf(&text, "%s\t%s\n", query, here)
			continue
		}
		t.Logf("%s: %s on a file, %s on a server", query, here, there)
		fmt.Fprintf(&text, "%s\t%s\t%s\n", query, here, there)
	}
	if *update {
		if err := os.WriteFile("functions.txt", []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(strings.Split(expressionsText, "\n"), strings.Split(text.String(), "\n")); diff != "" {
		t.Errorf("functions.txt isn't what the homes return (-want +got):\n%s", diff)
	}
	for _, e := range expressionGroup(sameGroup) {
		if e.file != e.server {
			t.Errorf("%s isn't the same everywhere", e.sql)
		}
	}
	for _, d := range functionGroups {
		list := expressionGroup(d.Key)
		if len(list) == 0 {
			t.Errorf("the group %s is empty", d.Key)
		}
		for _, e := range list {
			if e.file == e.server {
				t.Errorf("%s of the group %s is the same everywhere", e.sql, d.Key)
			}
		}
	}
	const functions = "SELECT DISTINCT name FROM pragma_function_list"
	here, there := namesIn(t, file, functions), namesIn(t, remote, functions)
	if diff := cmp.Diff(onlyFileFunctions, without(here, there)); diff != "" {
		t.Errorf("functions on a file only (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(onlyServerFunctions, without(there, here)); diff != "" {
		t.Errorf("functions on a server only (-want +got):\n%s", diff)
	}
	// Modules that are eponymous, such as json_each, are listed when they were used.
	for _, name := range onlyServerTables {
		module := "SELECT count(*) FROM pragma_module_list WHERE name = '" + name + "'"
		if here, there := valueOf(t, file, module), valueOf(t, remote, module); here != "0" || there != "1" {
			t.Errorf("module %s: %s on a file, %s on a server", name, here, there)
		}
	}
	for _, list := range []string{"collation_list", "pragma_list"} {
		names := "SELECT DISTINCT name FROM pragma_" + list
		if diff := cmp.Diff(namesIn(t, file, names), namesIn(t, remote, names)); diff != "" {
			t.Errorf("%s of a file and of a server (-file +server):\n%s", list, diff)
		}
	}
}

func openHome(t *testing.T, url string) *sql.DB {
	pool, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func namesIn(t *testing.T, pool *sql.DB, query string) (names []string) {
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

// TestGate wants the gate to find what isn't the same, in these groups, and to find nothing
// in what is.
func TestGate(t *testing.T) {
	found := func(e expression) bool {
		text := e.sql
		if !strings.HasPrefix(text, "SELECT") {
			text = "SELECT " + text
		}
		findings, err := dbcheck.Source(fstest.MapFS{"q.sql": {Data: []byte("-- name: Q :one\n" + text + ";\n")}})
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(findings, func(f dbcheck.Finding) bool { return f.Rule == dbcheck.RuleHomes })
	}
	for _, key := range []string{"log", "concat-ws", "date-modifiers", "strftime", "json-arrow"} {
		for _, e := range expressionGroup(key) {
			if !found(e) && e.server != "error" {
				t.Errorf("the gate doesn't find %s, which is %s on a file and %s on a server", e.sql, e.file, e.server)
			}
		}
	}
	for _, key := range []string{"ceil", "format"} {
		if !slices.ContainsFunc(expressionGroup(key), found) {
			t.Errorf("the gate finds none of the group %s", key)
		}
	}
	// These are found by their names alone, whatever their arguments are.
	names := []string{"concat_ws(", "log(NULL", "'%.0f', 3.2", "'%.0f', 4"}
	for _, e := range expressionGroup(sameGroup) {
		if found(e) && !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(e.sql, name) }) {
			t.Errorf("the gate finds %s, which is the same everywhere", e.sql)
		}
	}
}
