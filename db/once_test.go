package db_test

import (
	"database/sql"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestOnceSchema: OnceSchema is a whole migration, and InTxOnce finds its table.
func TestOnceSchema(t *testing.T) {
	pool := dbtest.OpenTemp(t, fstest.MapFS{"00001_once.sql": {Data: []byte(db.OnceSchema)}})
	for range 2 {
		n, err := db.InTxOnce(t.Context(), pool, "key", func(tx *sql.Tx) (n int, err error) {
			return n, tx.QueryRowContext(t.Context(), "SELECT count(*) + 7 FROM duolite_once").Scan(&n)
		})
		if n != 7 || err != nil {
			t.Errorf("%d, %v; want 7", n, err)
		}
	}
}
