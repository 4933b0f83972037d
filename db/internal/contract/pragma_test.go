package contract

import (
	"database/sql/driver"
	"testing"
)

// TestPragmaScopes wants a scope for every PRAGMA that the linked SQLite has, so that a new
// version can't bring a setting that stays with a pooled connection.
func TestPragmaScopes(t *testing.T) {
	t.Parallel()
	c := connect(t)
	rows, err := c.QueryContext(t.Context(), "SELECT name FROM pragma_pragma_list", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for name := make([]driver.Value, 1); rows.Next(name) == nil; n++ {
		if _, known := pragmaScopes[name[0].(string)]; !known {
			t.Errorf("PRAGMA %s has no scope: does its value stay with the connection?", name[0])
		}
	}
	if n < 60 {
		t.Errorf("%d PRAGMAs, want at least 60", n)
	}
}
