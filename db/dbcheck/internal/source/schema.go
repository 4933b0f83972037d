package source

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// downs are the lines at which the Down section begins, in the migrations of goose,
// sql-migrate, tern and dbmate. sqlc cuts files there too.
var downs = []string{"-- +goose Down", "-- +migrate Down", "---- create above / drop below ----", "-- migrate:down"}

// ReadSchema returns the names of the files that make the schema, and their scripts. It leaves out queries
// with a name: sqlc reads them and the schema from one file, if both are there.
func ReadSchema(files fs.FS) ([]string, []string, error) {
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
		script := strings.TrimPrefix(string(text), byteOrderMark)
		kept, scripts = append(kept, name), append(scripts, withoutQueries(withoutDown(script)))
	}
	if len(kept) == 0 {
		return nil, nil, fmt.Errorf("no *.sql file in the folder of the schema; pass the folder that sqlc.yaml names as schema")
	}
	return kept, scripts, nil
}

func withoutDown(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		for _, down := range downs {
			if len(line) >= len(down) && strings.EqualFold(line[:len(down)], down) {
				return strings.Join(lines[:i], "")
			}
		}
	}
	return text
}

// withoutQueries returns a script without the statements that have a name. Their lines stay, as empty
// ones.
func withoutQueries(script string) string {
	return sqltext.Replace(script, func(stmt sqltext.Statement) string {
		q := &Query{Text: stmt.Text}
		if q.ReadComments(); q.Name != "" && stmt.Kind != sqltext.Other {
			return strings.Repeat("\n", strings.Count(stmt.Text, "\n"))
		}
		return stmt.Text
	})
}
