package gen

import "github.com/duolite/duolite/cmd/duolite/internal/usage"

// QueryFiles returns the SQL files with the queries of a project, as sqlc's configuration names them. file is the
// configuration, or "" for the one in the current folder. The error is a [usage.Error] if there is none.
func QueryFiles(file string) (files []string, err error) {
	c, err := readConfig(file)
	if err != nil {
		return nil, err
	}
	for _, b := range c.ours() {
		more, err := b.Queries.files(c.dir)
		if err != nil {
			return nil, err
		}
		for _, path := range more {
			files = append(files, shown(path))
		}
	}
	if len(files) == 0 {
		return nil, usage.Errorf("%s: no *.sql file with queries", c.path)
	}
	return files, nil
}
