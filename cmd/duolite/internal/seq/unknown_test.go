package seq_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/seq"
)

// TestUnknown: what isn't as sqlc writes it is an error that says where and what.
func TestUnknown(t *testing.T) {
	sqlc, _ := read(t, "testdata/plain")
	const file = "plain.sql.go"
	tests := []struct {
		name     string
		old, new string // the first old after ListBooks
		at       string // the line that the error names
		want     string
	}{
		{"statement before the query", "var queryParams []interface{}", "var queryParams []any", "var queryParams []any",
			`met "var queryParams []any", want rows, err := QUERY`},
		{"a slice of another", "for _, v := range arg.Authors", "for _, v := range arg.Others", "if len(arg.Authors)",
			`met "if len(arg.Authors) > 0 { for _, v := range arg.Others`},
		{"another function", "q.db.QueryContext(ctx", "q.db.Query(ctx", "q.db.Query(ctx",
			`met "q.db.Query(ctx, query, queryParams...)", want q.db.QueryContext(ctx, ...)`},
		{"another context", "q.db.QueryContext(ctx", "q.db.QueryContext(context.TODO()", "context.TODO()",
			`met "q.db.QueryContext(context.TODO(), query, queryParams...)"`},
		{"another error", "return nil, err\n", "return nil, wrap(err)\n", "rows.Scan(",
			`met "if err := rows.Scan(`},
		{"no defer", "defer rows.Close()", "rows.Close()", "rows.Close()",
			`met "rows.Close()", want defer rows.Close()`},
		{"another list", "var items []ListBooksRow", "items := make([]ListBooksRow, 0)", "items := make",
			`met "items := make([]ListBooksRow, 0)", want items := []ROW{}, or var items []ROW`},
		{"a list of another", "var items []ListBooksRow", "var items []Book", "var items []Book",
			`met "var items []Book"`},
		{"another item", "append(items, i)", "append(items, *i)", "append(items, *i)",
			`met "*i", want i or &i`},
		{"another loop", "for rows.Next() {", "for rows.NextResultSet() {", "for rows.NextResultSet()",
			`met "for rows.NextResultSet() {`},
		{"more in the loop", "for rows.Next() {", "for rows.Next() {\nprintln()", "println()",
			`met "println()", want var VAR TYPE`},
		{"more after an item", "append(items, i)", "append(items, i)\nprintln()", "println()",
			`met "println()", want the end`},
		{"an empty loop", "for rows.Next() {", "for rows.Next() {}\n{", "func (q *Queries) ListBooks(",
			`met the end, want var VAR TYPE`},
		{"another scan", "rows.Scan(", "scan(rows, ", "scan(rows,",
			`met "scan(rows, `},
		{"without an end", "return items, nil\n", "", "",
			"met the end, want return items, nil"},
		{"another receiver", "(q *Queries) ListBooks(", "(s *Queries) ListBooks(", "(s *Queries) ListBooks(",
			"want func (q *Queries) ListBooks(ctx context.Context, ...) ([]T, error)"},
		{"another result", "([]ListBooksRow, error)", "(*[]ListBooksRow, error)", "(*[]ListBooksRow, error)",
			"want func (q *Queries) ListBooks(ctx context.Context, ...) ([]T, error)"},
		{"no method", "(q *Queries) ListBooks(", "(q *Queries) ListSome(", "`-- name: ListBooks :many",
			"there is no method of that name"},
		{"no query", "-- name: ListBooks :many", "-- name: ListSome :exec", "func (q *Queries) ListBooks(",
			`there is no constant with "-- name: ListBooks :many" here`},
		{"taken name", "-- name: ListQueries :many", "-- name: ListQueries :many", "func (q *Queries) ListBooks(",
			"its iterator would be ListBooksSeq, and there is a query of that name: rename one"},
		{"iter", "type ListBooksRow struct", "const iter = 1\n\ntype ListBooksRow struct", "const iter",
			"iter is declared here"},
		{"error", "arg ListBooksParams", "error ListBooksParams", "error ListBooksParams",
			"a parameter is called error, which hides Go's type in the iterator: name it by sqlc.arg, such as sqlc.arg(error_value)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, after, ok := strings.Cut(string(sqlc[file]), "const listBooks =")
			if !ok || !strings.Contains(after, test.old) {
				t.Fatalf("no %q in testdata", test.old)
			}
			text := before + "const listBooks =" + strings.Replace(after, test.old, test.new, 1)
			if test.name == "taken name" {
				text += "\nfunc (q *Queries) ListBooksSeq() {}\n"
			}
			files := map[string][]byte{file: []byte(text), "db.go": sqlc["db.go"], "models.go": sqlc["models.go"]}
			_, err := seq.Generate("some/dir", files)
			var e *seq.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v; want an *Error", err)
			}
			if got := strings.Split(text, "\n")[e.Pos.Line-1]; !strings.Contains(got, test.at) {
				t.Errorf("it names line %d, %q; want the one with %q", e.Pos.Line, got, test.at)
			}
			if message := err.Error(); !strings.HasPrefix(message, "some/dir/plain.sql.go:") || !strings.Contains(message, test.want) {
				t.Errorf("error %q; want one with %q", message, test.want)
			}
		})
	}
}

// TestSyntax: a file that isn't Go is an error with its place.
func TestSyntax(t *testing.T) {
	_, err := seq.Generate("dir", map[string][]byte{"a.sql.go": []byte("package p\n\nfunc")})
	if err == nil || !strings.HasPrefix(err.Error(), "dir/a.sql.go:3:") {
		t.Errorf("error %v; want one about dir/a.sql.go:3", err)
	}
}

// TestNoMany: without a :many there is nothing to write.
func TestNoMany(t *testing.T) {
	sqlc, _ := read(t, "testdata/plain")
	delete(sqlc, "plain.sql.go")
	if files, err := seq.Generate("dir", sqlc); err != nil || len(files) != 0 {
		t.Errorf("%d files, %v; want none", len(files), err)
	}
}
