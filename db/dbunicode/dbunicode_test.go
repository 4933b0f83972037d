package dbunicode_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbunicode"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

func TestUnicode(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"),
		dbunicode.Collation("german", language.German),
		dbunicode.Collation("swedish", language.Swedish),
		dbunicode.Collation("numbered", language.English, collate.Numeric, collate.IgnoreCase),
		dbunicode.Fold())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), `
		CREATE TABLE t (x TEXT COLLATE german);
		CREATE INDEX i ON t (x);
		CREATE UNIQUE INDEX f ON t (casefold(x));
		INSERT INTO t VALUES ('Zebra'), ('Äpfel'), ('apfel'), ('Birne'), ('Straße'), ('zwei 10'), ('Zwei 2')`); err != nil {
		t.Fatal(err)
	}
	const list = "SELECT group_concat(x, ' ') FROM (SELECT x FROM t ORDER BY x "
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for query, want := range map[string]string{
				list + ")":                 "apfel Äpfel Birne Straße Zebra zwei 10 Zwei 2",
				list + "COLLATE swedish)":  "apfel Birne Straße Zebra zwei 10 Zwei 2 Äpfel",
				list + "COLLATE numbered)": "apfel Äpfel Birne Straße Zebra Zwei 2 zwei 10",
				list + "COLLATE binary)":   "Birne Straße Zebra Zwei 2 apfel zwei 10 Äpfel",
				"SELECT x FROM t WHERE casefold(x) = casefold('STRASSE')": "Straße",
				"SELECT x FROM t WHERE x > 'Birne' ORDER BY x LIMIT 1":    "Straße",
				"SELECT 'A' = 'a' COLLATE numbered":                       "1",
				"SELECT '\u00e9' = 'e\u0301' COLLATE german":              "1",
				"PRAGMA integrity_check":                                  "ok",
			} {
				var got string
				if err := pool.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
					t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
				}
			}
		})
	}
	wait.Wait()
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES ('STRASSE')"); !errors.Is(err, db.ErrUnique) {
		t.Errorf("a text that differs in its case: %v", err)
	}
}
