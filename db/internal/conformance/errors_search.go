package conformance

import (
	"strings"

	"github.com/duolite/duolite/db"
)

// badQueries are texts that users type into a search box.
func badQueries(t *tester) {
	t.setUp("CREATE VIRTUAL TABLE f USING fts5 (title, body)", "CREATE VIRTUAL TABLE n USING fts5 (title, body, detail = none)",
		"CREATE VIRTUAL TABLE c USING fts5 (title, body, detail = column)", "INSERT INTO f VALUES ('a b', 'c')")
	const search = "SELECT * FROM f WHERE f MATCH ?"
	for _, tt := range []struct{ text, query, message string }{
		{search, "a AND", `fts5: syntax error near ""`},
		{search, "", `fts5: syntax error near ""`},
		{search, "(a", `fts5: syntax error near ""`},
		{search, "it's", `fts5: syntax error near "'"`},
		{search, "C++", `fts5: syntax error near "+"`},
		{search, "a.b", `fts5: syntax error near "."`},
		{search, `"open`, "unterminated string"},
		{search, "*a", "unknown special query: a"},
		{search, "*", ""},
		{search, "foo-bar", "no such column: bar"},
		{search, "nowhere : a", "no such column: nowhere"},
		{search, "{title nowhere} : a", "no such column: nowhere"},
		{search, "NEAR(a b, x)", `expected integer, got "x"`},
		{search, strings.Repeat("(", 1000) + "a", "fts5: parser stack overflow"},
		{"SELECT * FROM f WHERE title MATCH ?", "nowhere : a", "no such column: nowhere"},
		{"SELECT * FROM f(?)", "a AND", `fts5: syntax error near ""`},
		{"SELECT * FROM f WHERE f = ?", "a AND", `fts5: syntax error near ""`},
		{"SELECT * FROM f WHERE f MATCH 'a' AND rank MATCH ? ORDER BY rank", "no(", "parse error in rank function: no("},
		{"SELECT * FROM n WHERE n MATCH ?", `"a b"`, "fts5: phrase queries are not supported (detail!=full)"},
		{"SELECT * FROM n WHERE n MATCH ?", "title : a", "fts5: column queries are not supported (detail=none)"},
		{"SELECT * FROM c WHERE c MATCH ?", "NEAR(a b)", "fts5: NEAR queries are not supported (detail!=full)"},
		{"DELETE FROM f WHERE f MATCH ?", "foo-bar", "no such column: bar"},
		{"UPDATE f SET title = 'x' WHERE f MATCH ?", "a AND", `fts5: syntax error near ""`},
	} {
		for _, way := range ways {
			t.wantError(way.name+" of "+tt.query, way.run(t, tt.text, tt.query), db.ErrBadQuery, 1, tt.message)
		}
	}
	_, err := t.pool.ExecContext(t.ctx, "SELECT 1; SELECT * FROM f WHERE f MATCH 'foo-bar'")
	t.wantError("script", err, db.ErrBadQuery, 1, "no such column: bar")
	t.wantValue(t.pool, "a b", "SELECT title FROM f WHERE f MATCH ?", `"a"`)
}

// searchErrors are errors that aren't about the query.
func searchErrors(t *tester) {
	t.setUp("CREATE VIRTUAL TABLE f USING fts5 (title, body)", "INSERT INTO f VALUES ('a b', 'c')", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)")
	for _, text := range []string{
		"SELECT missing FROM f WHERE f MATCH ?",
		"SELECT f.missing FROM f WHERE f MATCH ?",
		"SELECT * FROM f WHERE f MATCH ? AND missing",
		"UPDATE f SET missing = 1 WHERE f MATCH ?",
		`SELECT highlight(f, 0, '<') FROM f WHERE f MATCH ?`,
		"SELECT * FROM t WHERE x MATCH ?",
		"SELECT json_extract('{}', ?)",
		`SELECT * FROM "fts5: syntax error near " WHERE x = ?`,
	} {
		for _, way := range ways {
			t.wantError(way.name+" of "+text, way.run(t, text, "a"), nil, 1, "")
		}
	}
}
