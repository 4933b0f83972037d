package dbcheck_test

import (
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/wrong"
)

// TestOpenWithErrors: an error about an option counts the caller's options.
func TestOpenWithErrors(t *testing.T) {
	schema, queries := os.DirFS("internal/cases/schema"), os.DirFS("internal/cases/wrong")
	_, err := dbcheck.Check(t.Context(), wrong.New, schema, queries, dbcheck.OpenWith(nil, db.WithRegexp()))
	if err != nil && strings.Contains(err.Error(), "option 1 is nil") {
		return
	}
	t.Errorf("the error is %v, want: option 1 is nil", err)
}
