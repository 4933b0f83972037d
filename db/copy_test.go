package db_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestCopy copies between all homes, and back.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, from := range homes {
		for _, to := range homes {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				source, target := from.open(t), to.open(t)
				execute(t, source, shop)
				for range 2 { // the second finds the copy complete
					must(t, db.Copy(t.Context(), source, target))
				}
				wantShop(t, target)
			})
		}
	}
}

// A home is a place of databases.
type home struct {
	name string
	open func(*testing.T) *sql.DB
}

var homes = []home{
	{"file", func(t *testing.T) *sql.DB { return dbtest.OpenTemp(t, nil) }},
	{"memory", func(t *testing.T) *sql.DB { return open(t, ":memory:") }},
	{"server", func(t *testing.T) *sql.DB { return open(t, dbtest.StartServer(t).URL()) }},
	{"replica", func(t *testing.T) *sql.DB {
		return open(t, replicaURL(dbtest.StartServer(t), filepath.Join(t.TempDir(), "replica.db")))
	}},
}
