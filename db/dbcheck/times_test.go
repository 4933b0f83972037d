package dbcheck_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbcheck"
	timesright "github.com/duolite/duolite/db/dbcheck/internal/cases/times/right"
	timeswrong "github.com/duolite/duolite/db/dbcheck/internal/cases/times/wrong"
)

// TestTimesWrong shows the findings where a time of SQL and one of Go meet in two forms.
func TestTimesWrong(t *testing.T) {
	report, err := dbcheck.Check(t.Context(), timeswrong.New, os.DirFS("internal/cases/times/schema"), os.DirFS("internal/cases/times/wrong"))
	if err != nil {
		t.Fatal(err)
	}
	// These write a time in SQL, or the one of Go that SQL compares.
	found := map[string]bool{"Login": true, "AddLogNow": true, "AddTask": true, "EditPage": true}
	var b strings.Builder
	for _, f := range report.Findings {
		found[f.Query] = true
		fmt.Fprintf(&b, "%s (%s)\n", f, f.Rule)
	}
	golden(t, "testdata/times.golden", b.String())
	text, err := os.ReadFile("internal/cases/times/wrong/query.sql")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "-- name: "); ok && !found[strings.Fields(rest)[0]] {
			t.Errorf("nothing is found wrong with %s", rest)
		}
	}
}

// TestTimesRight has one form in each column, the forms that are told apart by no query, and
// an opt-out.
func TestTimesRight(t *testing.T) {
	dbcheck.Queries(t, timesright.New, os.DirFS("internal/cases/times/schema"), os.DirFS("internal/cases/times/right"))
}
