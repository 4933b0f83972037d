package dbcheck_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbcheck"
)

// TestSource shows the messages about queries that sqlc can't take, or makes code of
// that doesn't compile.
func TestSource(t *testing.T) {
	golden(t, "testdata/source.golden", source(t, "testdata/source"))
}

// TestSourceRight: nothing is found in what is right, nor in our own queries.
func TestSourceRight(t *testing.T) {
	for _, dir := range []string{"internal/cases/right", "internal/cases/dbarg", "../../queries"} {
		if found := source(t, dir); found != "" {
			t.Errorf("%s:\n%s", dir, found)
		}
	}
}

func source(t *testing.T, dir string) string {
	t.Helper()
	findings, err := dbcheck.Source(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s (%s)\n", f, f.Rule)
	}
	return b.String()
}
