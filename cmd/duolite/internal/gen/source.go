package gen

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

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
	if s.schemaFiles, err = gatherInto(c, b.Schema, s.schema); err != nil {
		return nil, err
	}
	if s.files, err = gatherInto(c, b.Queries, s.queries); err != nil {
		return nil, err
	}
	if len(s.schemaFiles) == 0 || len(s.files) == 0 {
		return nil, usage.Errorf("%s: want *.sql files in both schema %q and queries %q", c.path, b.Schema, b.Queries)
	}
	return s, nil
}

// gatherInto copies the files of p into one folder, and returns where they come from. The copies have
// names of their own, in sqlc's order, unless one folder has all of them.
func gatherInto(c *config, p paths, folder string) (map[string]string, error) {
	files, err := p.files(c.dir)
	if err != nil {
		return nil, err
	}
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
