package dbcheck

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/internal/sqltext"
)

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
	_, scripts, err := source.ReadSchema(c.schema)
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
	names, scripts, err := source.ReadSchema(files)
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
