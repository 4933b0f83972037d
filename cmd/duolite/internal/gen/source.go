package gen

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db/dbcheck"
)

// A source is the SQL of a block, gathered into two folders, as the check reads it.
type source struct {
	schema, queries string
	// files are where the queries' files are, by their names in queries.
	files map[string]string
	// schemaFiles are the same of the schema.
	schemaFiles map[string]string
}

// gather copies a block's files into folder.
func gather(c *config, b block, folder string) (*source, error) {
	s := &source{schema: filepath.Join(folder, "schema"), queries: filepath.Join(folder, "queries")}
	var err error
	if s.schemaFiles, err = gatherInto(b.schemaFiles, s.schema); err != nil {
		return nil, err
	}
	if s.files, err = gatherInto(b.queryFiles, s.queries); err != nil {
		return nil, err
	}
	if len(s.schemaFiles) == 0 || len(s.files) == 0 {
		return nil, usage.Errorf("%s: want *.sql files in both schema %q and queries %q", c.path, b.Schema, b.Queries)
	}
	return s, nil
}

// gatherInto copies files into one folder, and returns where they come from. The copies have
// names of their own, in sqlc's order, unless one folder has all of them.
func gatherInto(files []string, folder string) (map[string]string, error) {
	oneFolder := slices.IsSorted(files) && !slices.ContainsFunc(files, func(file string) bool { return filepath.Dir(file) != filepath.Dir(files[0]) })
	from := map[string]string{}
	for i, file := range files {
		name := filepath.Base(file)
		if !oneFolder {
			name = fmt.Sprintf("%06d-%s", i, name)
		}
		from[name] = file
		text, err := readSQL(file)
		if err != nil {
			return nil, err
		}
		if err := writeFile(filepath.Join(folder, name), text); err != nil {
			return nil, err
		}
	}
	return from, nil
}

// check adds the mistakes that sqlc would make without a message.
func (s *source) check(found *findings) error {
	checked, err := dbcheck.Source(os.DirFS(s.queries))
	if err != nil {
		return err
	}
	s.add(found, readStep, checked)
	return nil
}

// add adds findings, with the names of the files where they are.
func (s *source) add(found *findings, step step, checked []dbcheck.Finding) {
	for _, f := range checked {
		files := s.files
		if f.Schema {
			files = s.schemaFiles
		}
		if file, ok := files[f.File]; ok {
			f.File = shown(file)
		}
		found.addChecked(step, f)
	}
}

// files returns the SQL files that sqlc reads for p, in its order; dir is where relative
// paths begin. A path is a file, a folder without those below, or a pattern of either.
func (p paths) files(dir string) ([]string, error) {
	var files []string
	for _, path := range p {
		if path == "" || filepath.IsAbs(path) {
			return nil, usage.Errorf("%q: want a path from the folder of sqlc's configuration", path)
		}
		matches := []string{filepath.Join(dir, path)}
		if strings.ContainsAny(path, "*?[]") {
			var err error
			if matches, err = filepath.Glob(matches[0]); err != nil {
				return nil, usage.Errorf("%s: %v", path, err)
			}
		}
		for _, match := range matches {
			more, err := filesAt(match)
			if err != nil {
				return nil, usage.Errorf("%v", err)
			}
			files = append(files, more...)
		}
	}
	return files, nil
}

func filesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		files = nil
		for _, entry := range entries {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	return slices.DeleteFunc(files, isLeftOut), nil
}

// isLeftOut reports whether sqlc leaves a file out: hidden files, golang-migrate's way back, and
// files that aren't SQL.
func isLeftOut(file string) bool {
	name := filepath.Base(file)
	return !strings.HasSuffix(name, ".sql") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".down.sql")
}

// below returns the SQL files in folders of the folders of p, which sqlc doesn't read, and
// which nothing else of the configuration names.
func (c *config) below(p paths) (below []string, err error) {
	read := map[string]bool{}
	for _, b := range c.ours() {
		for _, file := range slices.Concat(b.schemaFiles, b.queryFiles) {
			read[file] = true
		}
	}
	for _, path := range p {
		root := filepath.Join(c.dir, path)
		if info, err := os.Stat(root); err != nil || !info.IsDir() {
			continue // a file, or a pattern
		}
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !isLeftOut(file) && filepath.Dir(file) != root && !read[file] {
				below = append(below, file)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return below, nil
}

// readSQL reads a file of SQL. It leaves out a byte order mark, as SQLite does: sqlc stops there.
func readSQL(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	return bytes.TrimPrefix(text, []byte("\ufeff")), err
}
