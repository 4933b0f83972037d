package dbcheck

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// downs are the lines at which the way back begins, in the migrations of goose,
// sql-migrate, tern and dbmate. sqlc cuts files there as well.
var downs = []string{"-- +goose Down", "-- +migrate Down", "---- create above / drop below ----", "-- migrate:down"}

// readSchema returns the scripts that make the schema.
func readSchema(files fs.FS) ([]string, []string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, nil, err
	}
	var kept, scripts []string
	for _, name := range names {
		if strings.HasSuffix(name, ".down.sql") {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, err
		}
		kept, scripts = append(kept, name), append(scripts, withoutDown(string(text)))
	}
	if len(kept) == 0 {
		return nil, nil, fmt.Errorf("dbcheck: no *.sql file in the folder of the schema; pass the folder that sqlc.yaml names as schema")
	}
	return kept, scripts, nil
}

func withoutDown(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		for _, down := range downs {
			if strings.HasPrefix(line, down) {
				return strings.Join(lines[:i], "")
			}
		}
	}
	return text
}

// openSchema opens a database in memory that has the schema, and nothing in it but what
// the schema puts there.
func (c *checker) openSchema() (*sql.DB, error) {
	if c.serverPool == nil {
		return openSchema(c.ctx, c.schema)
	}
	return c.openPart()
}

// openPart leaves out what only a server may know, such as an index of vectors: there all
// of it has to succeed.
func (c *checker) openPart() (*sql.DB, error) {
	_, scripts, err := readSchema(c.schema)
	if err != nil {
		return nil, err
	}
	pool, err := db.Open(c.ctx, ":memory:", db.WithDoubleQuotedStrings())
	if err != nil {
		return nil, err
	}
	c.serverOnly = nil
	for _, script := range scripts {
		for _, stmt := range sqltext.Split(script) {
			if _, err := pool.ExecContext(c.ctx, stmt.Text); err != nil {
				c.serverOnly = append(c.serverOnly, stmt.Text)
			}
		}
	}
	return pool, nil
}

func openSchema(ctx context.Context, files fs.FS) (*sql.DB, error) {
	names, scripts, err := readSchema(files)
	if err != nil {
		return nil, err
	}
	pool, err := db.Open(ctx, ":memory:", db.WithDoubleQuotedStrings())
	if err != nil {
		return nil, err
	}
	for i, script := range scripts {
		if _, err := pool.ExecContext(ctx, script); err != nil {
			pool.Close()
			return nil, fmt.Errorf("dbcheck: schema %s: %w", names[i], err)
		}
	}
	return pool, nil
}
