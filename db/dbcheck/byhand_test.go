package dbcheck_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/byhand"
)

// TestByHand: mistakes in the Go code, which no query has.
func TestByHand(t *testing.T) {
	schema, queries := os.DirFS("internal/cases/schema"), os.DirFS("internal/cases/byhand/queries")
	report, err := dbcheck.Check(t.Context(), byhand.New, schema, queries)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range report.Findings {
		fmt.Fprintf(&b, "%s (%s)\n", f, f.Rule)
	}
	golden(t, "testdata/byhand.golden", b.String())

	known, err := dbcheck.Check(t.Context(), byhand.New, schema, queries, dbcheck.Values(byhand.Hidden, byhand.Shown))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(known.Findings); n != len(report.Findings)-1 {
		t.Errorf("%d findings with values for the sealed type, %d without; want one less", n, len(report.Findings))
	}
}

// TestNoGenerated: what isn't of sqlc is refused in one line.
func TestNoGenerated(t *testing.T) {
	schema, queries := os.DirFS("internal/cases/schema"), os.DirFS("internal/cases/right")
	type other interface{ Other() }
	for name, run := range map[string]func() (dbcheck.Report, error){
		"the function New takes dbcheck_test.other, which isn't the DBTX that sqlc generates": func() (dbcheck.Report, error) {
			return dbcheck.Check(t.Context(), func(other) *byhand.Queries { return nil }, schema, queries)
		},
		"no *.sql file in the folder of queries; pass the folder that sqlc.yaml names as queries": func() (dbcheck.Report, error) {
			return dbcheck.Check(t.Context(), byhand.New, schema, os.DirFS("."))
		},
		"no *.sql file in the folder of the schema; pass the folder that sqlc.yaml names as schema": func() (dbcheck.Report, error) {
			return dbcheck.Check(t.Context(), byhand.New, os.DirFS("."), queries)
		},
	} {
		if _, err := run(); err == nil || err.Error() != name {
			t.Errorf("%v; want %s", err, name)
		}
	}
}
