package suite

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/duolite/duolite/bench/internal/marks"
	"github.com/duolite/duolite/bench/schema"
	_ "modernc.org/sqlite"
)

// fillSQL creates n bookmarks with two tags each. The notes have an end, so that rows can be wide.
const fillSQL = `
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
INSERT INTO bookmarks
SELECT i, 'https://example.com/seed/' || i, 'The title of page ' || i || ', of a usual length',
    CASE WHEN i %% 3 > 0 THEN 'A note on page ' || i || '%[2]s' END, i %% 100, i / 3.0, 1700000000 + i
FROM n;
INSERT INTO tags SELECT id, 'tag-' || (id %% 20) FROM bookmarks UNION ALL SELECT id, 'topic-' || (id %% 300) FROM bookmarks;
`

// seed creates a file with n bookmarks, once. The file has no write-ahead log: contestants
// that use one turn it on, and a driver measured with its defaults has none.
func (s *session) seed(ctx context.Context, n int) (string, error) {
	return s.filled(ctx, "seed", n, "")
}

// wideSeed creates a file with n bookmarks of some 450 bytes, once.
func (s *session) wideSeed(ctx context.Context, n int) (string, error) {
	return s.filled(ctx, "wide", n, strings.Repeat(" that is worth to be read again, and long,", 8))
}

func (s *session) filled(ctx context.Context, name string, n int, end string) (string, error) {
	path := filepath.Join(s.dir, name+"-"+strconv.Itoa(n)+".db")
	return path, once(path, func() error {
		pool, err := sql.Open("sqlite", path)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = pool.ExecContext(ctx, "PRAGMA synchronous = OFF; BEGIN;"+schema.SQL+fmt.Sprintf(fillSQL, n, end)+"COMMIT; ANALYZE")
		return err
	})
}

// marksSeed creates a file with n bookmarks of the example, once.
func (s *session) marksSeed(ctx context.Context, n int) (string, error) {
	path := filepath.Join(s.dir, "marks-"+strconv.Itoa(n)+".db")
	return path, once(path, func() error { return marks.Seed(ctx, path, n) })
}

// once creates a file if it doesn't exist.
func once(path string, fill func() error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := fill(); err != nil {
		return fmt.Errorf("make %s: %w", filepath.Base(path), err)
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
