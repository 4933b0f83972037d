package gen

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

// QueryFiles returns the SQL files with the queries of a project, as sqlc's configuration names them. file is the
// configuration, or "" for the one in the current folder. If its entries have several schemas, they are for several databases:
// then the queries are the ones of the schema in folder, and others describes each other entry. The error is a [usage.Error] if
// there are no queries.
func QueryFiles(file, folder string) (files, others []string, err error) {
	c, err := readConfig(file)
	if err != nil {
		return nil, nil, err
	}
	blocks := c.ours()
	if slices.ContainsFunc(blocks, func(b block) bool { return !slices.Equal(b.Schema, blocks[0].Schema) }) {
		blocks = slices.DeleteFunc(blocks, func(b block) bool {
			if c.hasSchema(b, folder) {
				return false
			}
			others = append(others, fmt.Sprintf("%s (schema: %s)", strings.Join(b.Queries, ", "), strings.Join(b.Schema, ", ")))
			return true
		})
	}
	if len(blocks) == 0 {
		return nil, nil, usage.Errorf("%s has entries for several databases: %s; name the folder of this one's schema with --dir", c.path, strings.Join(others, ", "))
	}
	for _, b := range blocks {
		for _, path := range b.queryFiles {
			files = append(files, shown(path))
		}
	}
	if len(files) == 0 {
		return nil, nil, usage.Errorf("%s: no *.sql file with queries", c.path)
	}
	return files, others, nil
}

// hasSchema reports whether the schema of an entry is a folder, or in it.
func (c *config) hasSchema(b block, folder string) bool {
	folder, err := filepath.Abs(folder)
	return err == nil && slices.ContainsFunc(b.Schema, func(path string) bool {
		within, err := filepath.Rel(folder, filepath.Join(c.dir, path))
		return err == nil && filepath.IsLocal(within)
	})
}
