package examples_test

import (
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
)

// TestClientGoIsImported is a program that wants libsql-client-go and doesn't import it: the
// error says how.
func TestClientGoIsImported(t *testing.T) {
	_, err := db.NewConnector("http://127.0.0.1:9", db.WithLibSQLClientGo())
	if err == nil || !strings.Contains(err.Error(), `import _ "github.com/duolite/duolite/db/clientgo"`) {
		t.Errorf("error %v, want the import", err)
	}
}
