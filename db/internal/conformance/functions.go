package conformance

import (
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An expression is SQL, with its value on a file and on a server as SQL literals, or "error".
type expression struct{ sql, file, server string }

// expressionsText has the expressions by group: a line "# KEY", and then lines with the SQL,
// the file's value and the server's value, separated by tabs. KEY is the key of a difference.
// In the group "same" the server's value is left out.
//
//go:embed functions.txt
var expressionsText string

// expressionGroup returns the expressions of a group.
func expressionGroup(key string) (list []expression) {
	in := false
	for line := range strings.Lines(expressionsText) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# "); ok {
			in = name == key
			continue
		}
		if fields := strings.Split(line, "\t"); in && len(fields) > 1 {
			list = append(list, expression{fields[0], fields[1], fields[len(fields)-1]})
		}
	}
	return list
}

const sameGroup = "same"

// Functions and modules that exist only on a file or only on a server, as listed by
// pragma_function_list and pragma_module_list.
var (
	onlyFileFunctions = []string{
		"fts5_get_locale", "fts5_insttoken", "fts5_locale", "if", "json_array_insert", "json_pretty", "jsonb_array_insert",
		"log2", "mod", "pow", "sqlite_offset", "trunc", "unistr", "unistr_quote",
	}
	onlyServerFunctions = []string{
		"atn2", "charindex", "cot", "coth", "difference", "fts3_tokenizer", "last_rows_affected", "leftstr",
		"libsql_server_database_name", "libsql_vector_idx", "lower_quartile", "lsmode", "matchinfo", "median", "mode", "offsets",
		"optimize", "padc", "padl", "padr", "proper", "readfile", "regexp", "regexpi", "replicate", "reverse", "rightstr", "sha3",
		"sha3_query", "sqlite3mc_codec_data", "sqlite3mc_config", "sqlite3mc_config_table", "sqlite3mc_version", "sqlite_crypt",
		"square", "stdev", "strfilter", "upper_quartile", "uuid", "uuid_blob", "uuid_str", "variance", "vector", "vector16",
		"vector1bit", "vector32", "vector64", "vector8", "vector_distance_cos", "vector_distance_l2", "vector_extract", "vectorb16",
		"writefile",
	}
	// The file's other tables are listed only after their first use.
	onlyServerTables = []string{"carray", "fts3", "fts4", "fts4aux", "generate_series", "vector_top_k"}
)

// functionCases check functions that exist only on some engines, and the expressions with the
// same value.
var functionCases = func() []testCase {
	cases := []testCase{
		{"the same everywhere", values(sameGroup, expression.ofFile)},
		{"names", namesOf(onlyFileFunctions, onlyServerFunctions)},
	}
	for _, d := range functionGroups {
		cases = append(cases, testCase{d.Key, values(d.Key, expression.ofFile)})
	}
	return cases
}()

// functionDifferences returns the differences of functions, operators and casts.
func functionDifferences() (all []Difference) {
	for _, d := range functionGroups {
		d.Engines = []string{LibSQL, LibSQLGo}
		d.cases = []testCase{{"functions/" + d.Key, values(d.Key, expression.ofServer)}}
		all = append(all, d)
	}
	return append(all, Difference{
		Key: "function-names", Engines: []string{LibSQL, LibSQLGo},
		Contract: "SQL has the functions of the newest SQLite.",
		Instead:  "SQL has the functions of SQLite 3.45, and some more, which are listed below.",
		Why:      "The server's SQLite is older, and has extensions.",
		cases:    []testCase{{"functions/names", namesOf(onlyServerFunctions, onlyFileFunctions)}},
	})
}

func (e expression) ofFile() string   { return e.file }
func (e expression) ofServer() string { return e.server }

// values checks the value of each expression of a group.
func values(key string, want func(expression) string) func(*tester) {
	return func(t *tester) {
		for _, e := range expressionGroup(key) {
			if got := valueOf(t, t.pool, e.sql); got != want(e) {
				t.Errorf("%s is %s, want %s", e.sql, got, want(e))
			}
		}
	}
}

// valueOf returns the value of an expression or a query as a SQL literal.
func valueOf(t interface{ Errorf(string, ...any) }, pool *sql.DB, text string) string {
	if !strings.HasPrefix(text, "SELECT") {
		text = "SELECT " + text
	}
	var v any
	if err := pool.QueryRow(text).Scan(&v); err != nil {
		return "error"
	}
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.NewReplacer("'", "''", "\n", `\n`, "\t", `\t`, "\r", `\r`, "\x00", `\0`, "\x01", `\x01`).Replace(v) + "'"
	case []byte:
		return fmt.Sprintf("x'%x'", v)
	case float64:
		f := strconv.FormatFloat(v, 'g', 14, 64) // the last digits depend on the processor
		if !strings.ContainsAny(f, ".eI") {
			f += ".0"
		}
		return f
	default:
		return fmt.Sprint(v)
	}
}

// namesOf checks that the functions of one engine exist and another engine's functions don't.
func namesOf(here, elsewhere []string) func(*tester) {
	return func(t *tester) {
		var names []string
		for _, row := range t.rows(t.pool, "SELECT DISTINCT name FROM pragma_function_list") {
			names = append(names, row[0].(string))
		}
		for _, name := range here {
			if !slices.Contains(names, name) {
				t.Errorf("there is no function %s", name)
			}
		}
		for _, name := range elsewhere {
			if slices.Contains(names, name) {
				t.Errorf("there is a function %s", name)
			}
		}
	}
}

// functionTable returns the differences of functions as Markdown tables.
func functionTable() string {
	var table strings.Builder
	table.WriteString(`
## Functions, operators and casts

What each of these is on a file, also one in memory, and on a server. The gate of package
dbcheck finds the ones of the first table that give another value without an error, where the text of a query shows
it; ` + "`duolite gen --server URL`" + ` finds what a server doesn't compile.

| SQL | File | Server |
|---|---|---|
`)
	cell := func(s string) string { return "`" + strings.ReplaceAll(s, "|", `\|`) + "`" }
	for _, d := range functionGroups {
		fmt.Fprintf(&table, "| **%s** | | |\n", strings.ReplaceAll(d.Key, "-", " "))
		for _, e := range expressionGroup(d.Key) {
			fmt.Fprintf(&table, "| %s | %s | %s |\n", cell(e.sql), cell(e.file), cell(e.server))
		}
	}
	fmt.Fprintf(&table, `
Functions on a file only: %s.

Functions on a server only: %s. Tables: %s.
`, strings.Join(onlyFileFunctions, ", "), strings.Join(onlyServerFunctions, ", "), strings.Join(onlyServerTables, ", "))
	return table.String()
}
