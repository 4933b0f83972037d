package wrappers_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/internal/conformance"
)

// TestConformance runs the suite that every engine passes, under the wrappers that can
// pass it.
func TestConformance(t *testing.T) {
	for _, w := range wrappers {
		t.Run(w.name, func(t *testing.T) {
			switch {
			case w.open == nil:
				t.Skip("it takes no options")
			case w.lacks.checker:
				t.Skip("it has no batches")
			}
			t.Parallel()
			conformance.Run(t, conformance.Engine{
				Name: w.name,
				New: func(tb testing.TB) conformance.Database {
					return conformance.Database{URL: filepath.Join(tb.TempDir(), "test.db")}
				},
				Open: func(ctx context.Context, url string, opts ...db.Option) (*sql.DB, error) {
					connector, err := db.NewConnector(url, opts...)
					if err != nil {
						return nil, err
					}
					pool, err := w.open(connector)
					if err != nil {
						return nil, err
					}
					pool.SetMaxOpenConns(16)
					pool.SetMaxIdleConns(16)
					return pool, pool.PingContext(ctx)
				},
				Differences: conformance.DifferencesOf(conformance.SQLite),
				Skip:        w.skips(),
			})
		})
	}
}

// skips are the cases that can't hold for what the wrapper doesn't forward.
func (w wrapper) skips() map[string]string {
	skips := map[string]string{
		"transactions/BEGIN, INSERT, COMMIT through the pool": "the driver doesn't know the pool's limit",
	}
	skip := func(lacks bool, what string, cases ...string) {
		for _, name := range cases {
			if lacks {
				skips[name] = "it doesn't forward " + what
			}
		}
	}
	skip(w.lacks.validator, "Validator", "pool/the driver's connection")
	skip(w.lacks.scanType, "RowsColumnTypeScanType",
		"columns/declared and Go types", "columns/declared types have upper case and no numbers",
		"columns/types of a result without rows", "columns/columns of RETURNING")
	skip(w.lacks.columnTypes, "RowsColumnTypeNullable and the like", "columns/every column can be NULL", "columns/declared lengths")
	skip(w.lacks.reset && w.lacks.validator, "SessionResetter or Validator",
		"settings/PRAGMA foreign_keys on a connection", "settings/settings end with the borrowing of a connection",
		"settings/settings by a script that fails", "connection/SQL when a connection opens", "scripts/with its own transaction that doesn't end", "transactions/a connection closed with an open transaction")
	return skips
}
