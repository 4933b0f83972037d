package queries_test

import (
	"os"
	"testing"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
)

// TestGate proves that every argument of every method goes where its query names it,
// and that what comes back fits the method's types.
func TestGate(t *testing.T) {
	dbcheck.Queries(t, dbsqlc.New, schema.FS, os.DirFS("."))
}
