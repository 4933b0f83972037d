package dbcheck_test

import (
	"flag"
	"os"
	"testing"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/wrong/silent"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestWrong(t *testing.T) {
	report, err := dbcheck.Check(t.Context(), silent.New, os.DirFS("internal/wrong/schema"), os.DirFS("internal/wrong/silent"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Logf("%s (%s)", f, f.Rule)
	}
}
