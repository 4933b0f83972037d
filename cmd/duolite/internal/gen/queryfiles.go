package gen

import (
	"errors"
	"io/fs"
	"os"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

// configNames are the files in which sqlc looks for its configuration.
var configNames = []string{"sqlc.yaml", "sqlc.yml", "sqlc.json"}

// QueryFiles returns the SQL files with the queries of a project, as sqlc's configuration names them. file is the
// configuration, or "" for the one in the current folder. ok is false if there is none.
func QueryFiles(file string) (files []string, ok bool, err error) {
	if file == "" && !hasConfig() {
		return nil, false, nil
	}
	c, err := readConfig(file)
	if err != nil {
		return nil, false, err
	}
	for _, b := range c.ours() {
		more, err := b.Queries.files(c.dir)
		if err != nil {
			return nil, false, err
		}
		for _, path := range more {
			files = append(files, shown(path))
		}
	}
	if len(files) == 0 {
		return nil, false, usage.Errorf("%s: no *.sql file with queries", c.path)
	}
	return files, true, nil
}

func hasConfig() bool {
	for _, name := range configNames {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}
