package sqltext

import "testing"

func TestNumbered(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                             "SELECT 1",
		"SELECT ?, :a, ?, @a, $a, :a":          "SELECT ?1, ?2, ?3, ?4, ?5, ?2",
		"SELECT ?3, :a, ?, ?1":                 "SELECT ?3, ?4, ?5, ?1",
		"SELECT $a::b(c), ? -- ?\n, ':b', [?]": "SELECT ?1, ?2 -- ?\n, ':b', [?]",
		"SELECT ?01, :a||?":                    "SELECT ?1, ?2||?3",
	} {
		statements := Split(text)
		got := statements[0].Numbered()
		if got != want {
			t.Errorf("%q is numbered %q, want %q", text, got, want)
		}
		again := Split(got)[0]
		if len(again.Params) != len(statements[0].Params) || again.Numbered() != got {
			t.Errorf("%q has the parameters %q, and %q has %q", text, statements[0].Params, got, again.Params)
		}
	}
}

func TestStar(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT * FROM t":                              true,
		"SELECT DISTINCT * FROM t":                     true,
		"SELECT a, t.* FROM t":                         true,
		"INSERT INTO t VALUES (1) RETURNING *":         true,
		"SELECT a FROM (SELECT * FROM t)":              true,
		"SELECT a * b FROM t":                          true, // might be
		"SELECT count(*) FROM t":                       false,
		"SELECT count( /* all */ *) FROM t":            false,
		"SELECT '*', \"*\", [*] FROM t -- * \n/* * */": false,
	} {
		if got := Split(text)[0].Star; got != want {
			t.Errorf("%q has a star: %v, want %v", text, got, want)
		}
	}
}
