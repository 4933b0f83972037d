package source

import (
	"fmt"
	"io/fs"
	"strings"
)

// downs are the lines at which the Down section begins, in the migrations of goose,
// sql-migrate, tern and dbmate. sqlc cuts files there too.
var downs = []string{"-- +goose Down", "-- +migrate Down", "---- create above / drop below ----", "-- migrate:down"}

// ReadSchema returns the scripts that make the schema.
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
		kept, scripts = append(kept, name), append(scripts, withoutDown(string(text)))
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
			if strings.HasPrefix(line, down) {
				return strings.Join(lines[:i], "")
			}
		}
	}
	return text
}
