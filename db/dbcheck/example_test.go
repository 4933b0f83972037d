package dbcheck_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/wrong"
)

func ExampleCheck() {
	schema, queries := os.DirFS("internal/cases/schema"), os.DirFS("internal/cases/wrong")
	report, err := dbcheck.Check(context.Background(), wrong.New, schema, queries)
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range report.Findings {
		if f.Query == "S08NotIn" {
			fmt.Println(f.Message)
			fmt.Println("write:", f.Instead)
		}
	}
	// Output:
	// the query has 3 parameters, and the method 1 argument: sqlc loses a parameter after NOT
	// write: x NOT IN (...) for NOT x IN (...), and x < a OR x > b for NOT x BETWEEN a AND b
}

func ExampleSource() {
	findings, err := dbcheck.Source(fstest.MapFS{"posts.sql": {Data: []byte(`
-- name: Older :many
SELECT id FROM posts WHERE id > -sqlc.arg(n);
`)}})
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// posts.sql:3: Older: sqlc panics at a minus sign, or a ~, before sqlc.arg(n); write: 0 - sqlc.arg(n), or -1 - sqlc.arg(n) for ~sqlc.arg(n)
}
