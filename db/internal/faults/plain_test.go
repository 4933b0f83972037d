package faults_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/faults"
	_ "github.com/tursodatabase/libsql-client-go/libsql"
)

// clientGo is libsql-client-go as it is, without package db.
func clientGo(scheme string) faults.Engine {
	return faults.Engine{
		Name:    "libsql-client-go, " + scheme + "://",
		Foreign: true,
		Open: func(_ context.Context, url string) (*sql.DB, error) {
			return sql.Open("libsql", scheme+strings.TrimPrefix(url, "http"))
		},
	}
}

// TestLibSQLClientGo counts the violations of libsql-client-go with the same faults, for
// docs/guarantees.md. They are no failures, so the test runs with make soak alone.
func TestLibSQLClientGo(t *testing.T) {
	soakTime(t)
	for _, scheme := range []string{"http", "ws"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			r := faults.Matrix(t, target(t), clientGo(scheme))
			t.Logf("\n%s", r.Table())
			for _, v := range examples(r.Violations()) {
				t.Logf("for example: %v", v)
			}
		})
	}
}

// examples returns one violation of each kind.
func examples(all []faults.Violation) []faults.Violation {
	seen := map[string]bool{}
	var some []faults.Violation
	for _, v := range all {
		_, reason, _ := strings.Cut(v.Text, ": ")
		parts := strings.Split(reason, ": ")
		key := string(v.Promise) + parts[min(1, len(parts)-1)]
		if !seen[key] {
			seen[key] = true
			some = append(some, v)
		}
	}
	return some
}
