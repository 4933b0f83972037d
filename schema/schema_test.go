package schema_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
)

// objects returns what the migrations made: tables, indexes, triggers and views.
func objects(t *testing.T, pool *sql.DB) []string {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), `
		SELECT type || ' ' || name FROM sqlite_master
		WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' AND name NOT LIKE 'libsql_%'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names := []string{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// TestUpDownUp: each Down section undoes its Up section, whatever is in the tables.
func TestUpDownUp(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		first := objects(t, pool)
		if len(first) == 0 {
			t.Fatal("the migrations made nothing")
		}
		fill(t, pool)
		for {
			_, err := db.MigrateDown(t.Context(), pool, schema.FS)
			if errors.Is(err, db.ErrNoMigration) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{}, objects(t, pool)); diff != "" {
			t.Errorf("after all Down sections (-want +got):\n%s", diff)
		}
		if _, err := db.Migrate(t.Context(), pool, schema.FS); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, objects(t, pool)); diff != "" {
			t.Errorf("after Up, Down, Up (-first +second):\n%s", diff)
		}
		fill(t, pool)
	})
}

// fill puts a row into each table.
func fill(t *testing.T, pool *sql.DB) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO bookmarks (id, url, title) VALUES (1, 'https://a.org/', 'Title')`,
		`INSERT INTO tags (id, name) VALUES (1, 'tag')`,
		`INSERT INTO bookmark_tags VALUES (1, 1)`,
		`INSERT INTO attachments (bookmark_id, name, mime_type, data) VALUES (1, 'f', 'text/plain', x'00ff')`,
	} {
		exec(t, pool, statement)
	}
}

func exec(t *testing.T, pool *sql.DB, statement string) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// TestRefused: what must not be stored isn't.
func TestRefused(t *testing.T) {
	long := func(n int) string { return "'" + strings.Repeat("é", n) + "'" }
	tests := []struct {
		name, statement string
		want            error
	}{
		{"same URL", `INSERT INTO bookmarks (url) VALUES ('https://a.org/')`, db.ErrUnique},
		{"no URL", `INSERT INTO bookmarks (url) VALUES (NULL)`, db.ErrNotNull},
		{"empty URL", `INSERT INTO bookmarks (url) VALUES ('')`, db.ErrCheck},
		{"long URL", `INSERT INTO bookmarks (url) VALUES (` + long(8193) + `)`, db.ErrCheck},
		{"long title", `UPDATE bookmarks SET title = ` + long(4097), db.ErrCheck},
		{"long notes", `UPDATE bookmarks SET notes = ` + long(65537), db.ErrCheck},
		{"metadata no object", `UPDATE bookmarks SET metadata = '[1]'`, db.ErrCheck},
		{"metadata no JSON", `UPDATE bookmarks SET metadata = '{'`, db.ErrCheck},
		{"metadata a number", `UPDATE bookmarks SET metadata = 1`, db.ErrCheck},
		{"archived 2", `UPDATE bookmarks SET archived = 2`, db.ErrCheck},
		{"visits below 0", `UPDATE bookmarks SET visit_count = -1`, db.ErrCheck},
		{"visits text", `UPDATE bookmarks SET visit_count = 'x'`, db.ErrCheck},
		{"time to the second", `UPDATE bookmarks SET created_at = '2026-01-02 03:04:05'`, db.ErrCheck},
		{"time to the microsecond", `UPDATE bookmarks SET created_at = '2026-01-02 03:04:05.000000'`, db.ErrCheck},
		{"time with a T", `UPDATE bookmarks SET updated_at = '2026-01-02T03:04:05.000'`, db.ErrCheck},
		{"time with a Z", `UPDATE bookmarks SET updated_at = '2026-01-02 03:04:05.000Z'`, db.ErrCheck},
		{"time of RFC 3339", `UPDATE attachments SET created_at = '2026-01-02T03:04:05.000Z'`, db.ErrCheck},
		{"time of no day", `UPDATE bookmarks SET visited_at = '2026-02-30 03:04:05.000'`, db.ErrCheck},
		{"time a number", `UPDATE bookmarks SET created_at = 1767322800`, db.ErrCheck},
		{"time zone", `UPDATE bookmarks SET created_at = '2026-01-02 03:04:05.000+01:00'`, db.ErrCheck},
		{"same tag", `INSERT INTO tags (name) VALUES ('TAG')`, db.ErrUnique},
		{"tag with spaces", `INSERT INTO tags (name) VALUES (' a')`, db.ErrCheck},
		{"long tag", `INSERT INTO tags (name) VALUES (` + long(101) + `)`, db.ErrCheck},
		{"tag of no bookmark", `INSERT INTO bookmark_tags VALUES (2, 1)`, db.ErrForeignKey},
		{"attachment of no bookmark", `INSERT INTO attachments (bookmark_id, name, mime_type, data) VALUES (2, 'f', 'a/b', x'')`, db.ErrForeignKey},
		{"attachment text", `UPDATE attachments SET data = 'text'`, db.ErrCheck},
		{"attachment no type", `UPDATE attachments SET mime_type = 'text'`, db.ErrCheck},
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		fill(t, pool)
		for _, test := range tests {
			if _, err := pool.ExecContext(t.Context(), test.statement); !errors.Is(err, test.want) {
				t.Errorf("%s: %v; want %v", test.name, err, test.want)
			}
		}
		// The longest that is allowed.
		exec(t, pool, `UPDATE bookmarks SET url = `+long(8192)+`, title = `+long(4096)+`, notes = `+long(65536))
		exec(t, pool, `UPDATE tags SET name = `+long(100))
	})
}

// TestCascade: what belongs to a bookmark goes with it.
func TestCascade(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		fill(t, pool)
		exec(t, pool, `DELETE FROM bookmarks`)
		var tags, links, attachments int
		row := pool.QueryRowContext(t.Context(), `SELECT
			(SELECT count(*) FROM tags), (SELECT count(*) FROM bookmark_tags), (SELECT count(*) FROM attachments)`)
		if err := row.Scan(&tags, &links, &attachments); err != nil {
			t.Fatal(err)
		}
		if tags != 1 || links != 0 || attachments != 0 {
			t.Errorf("%d tags, %d links and %d attachments are left; want 1, 0 and 0", tags, links, attachments)
		}
	})
}

// TestSearchInStep: whatever changes bookmarks changes the search index.
func TestSearchInStep(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		for _, statement := range []string{
			`INSERT INTO bookmarks (id, url, title, notes) VALUES (1, 'https://a.org/', 'alpha', 'beta'), (2, 'https://b.org/', 'gamma', '')`,
			`UPDATE bookmarks SET title = 'delta' WHERE id = 1`,
			`UPDATE bookmarks SET archived = 1, visit_count = 3`,
			`UPDATE bookmarks SET id = 7 WHERE id = 2`,
			`INSERT INTO bookmarks (url, title) VALUES ('https://b.org/', 'epsilon') ON CONFLICT (url) DO UPDATE SET title = excluded.title`,
			`DELETE FROM bookmarks WHERE id = 1`,
		} {
			exec(t, pool, statement)
			// With rank 1 the check compares the index with the table.
			exec(t, pool, `INSERT INTO bookmarks_fts (bookmarks_fts, rank) VALUES ('integrity-check', 1)`)
		}
		if found := search(t.Context(), t, pool, "epsilon"); found != 7 {
			t.Errorf("epsilon is found at %d, want 7", found)
		}
	})
}

func search(ctx context.Context, t *testing.T, pool *sql.DB, word string) (id int64) {
	t.Helper()
	if err := pool.QueryRowContext(ctx, `SELECT rowid FROM bookmarks_fts WHERE bookmarks_fts MATCH ?`, word).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
