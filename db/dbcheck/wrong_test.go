package dbcheck_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/custom"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/dbarg"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/limit"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/overridden"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/override"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/right"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/wrong"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestWrong shows each message: of every query that is wrong there is a finding, and its
// text is in testdata/wrong.golden.
func TestWrong(t *testing.T) {
	report := check(t, "wrong", wrong.New)
	found := map[string]bool{}
	var b strings.Builder
	for _, f := range report.Findings {
		found[f.Query] = true
		fmt.Fprintf(&b, "%s (%s)\n", f, f.Rule)
	}
	golden(t, "testdata/wrong.golden", b.String())
	for _, file := range []string{"silent", "bindings", "expressions", "texts", "types", "quoted", "homes", "utf8", "dynamic", "lists"} {
		text, err := os.ReadFile("internal/cases/wrong/" + file + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "-- name: "); ok && !found[strings.Fields(rest)[0]] {
				t.Errorf("nothing is found wrong with %s", rest)
			}
		}
	}
}

// TestRight: queries that are right in forms that are easily taken for wrong ones.
func TestRight(t *testing.T) {
	none(t, "right", right.New)
}

// TestOverrides: what a type of the program's own reads is its business. It gets values
// that it makes itself; where it makes none, the method is unseen, and not wrong.
func TestOverrides(t *testing.T) {
	report := check(t, "override", override.New)
	if len(report.Findings) > 0 || !slices.Equal(report.Unseen, []string{"Codes"}) {
		t.Errorf("found %v; no row seen of %v; want none, and Codes", report.Findings, report.Unseen)
	}
	report = check(t, "override", override.New, dbcheck.Values[custom.Code]("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"))
	if len(report.Findings) > 0 || len(report.Unseen) > 0 {
		t.Errorf("with values of Code: found %v; no row seen of %v; want none", report.Findings, report.Unseen)
	}
}

// TestOverridden: a value that SQL makes is no value of the type's own column.
func TestOverridden(t *testing.T) {
	var b strings.Builder
	for _, f := range check(t, "overridden", overridden.New).Findings {
		fmt.Fprintf(&b, "%s (%s)\n", f, f.Rule)
	}
	golden(t, "testdata/overridden.golden", b.String())
}

// TestUntyped: the report has the arguments and columns that are interface{}.
func TestUntyped(t *testing.T) {
	want := []string{"UntypedFilter (sqlc.narg(title))", "UntypedColumns (column position)"}
	got := check(t, "right", right.New).Untyped
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s isn't in %q", name, got)
		}
	}
	for _, name := range got {
		if strings.Contains(name, "place") || strings.Contains(name, "DynamicFilter") {
			t.Errorf("%s has a type", name)
		}
	}
}

// TestParametersWithoutStruct: their names come from the Go source.
func TestParametersWithoutStruct(t *testing.T) {
	var b strings.Builder
	for _, f := range check(t, "limit", limit.New).Findings {
		fmt.Fprintf(&b, "%s (%s)\n", f, f.Rule)
	}
	golden(t, "testdata/limit.golden", b.String())
}

// TestMethodsWithDBTX: New takes no argument, and each method its DBTX.
func TestMethodsWithDBTX(t *testing.T) {
	none(t, "dbarg", func(dbarg.DBTX) *dbarg.Queries { return dbarg.New() })
}

func check[DBTX, Q any](t *testing.T, dir string, new func(DBTX) *Q, opts ...dbcheck.Option) dbcheck.Report {
	t.Helper()
	report, err := dbcheck.Check(t.Context(), new, os.DirFS("internal/cases/schema"), os.DirFS("internal/cases/"+dir), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func none[DBTX, Q any](t *testing.T, dir string, new func(DBTX) *Q) {
	t.Helper()
	report := check(t, dir, new)
	for _, f := range report.Findings {
		t.Errorf("%s (%s)", f, f.Rule)
	}
	if report.Methods == 0 || len(report.Unseen) > 0 {
		t.Errorf("%d methods checked; no row seen of %v", report.Methods, report.Unseen)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
