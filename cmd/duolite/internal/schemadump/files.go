package schemadump

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
)

// A File is a file that was written or is to be written.
type File struct {
	// Path begins at the folder.
	Path string
	text string
	// optional: a file that is there already stays.
	optional bool
}

const schemaPackage = `// Package schema embeds the migrations, for db.Migrate.
package schema

import "embed"

// FS contains the migrations.
//
//go:embed *.sql
var FS embed.FS
`

// Files returns the migration, and withQueries also the first queries, sqlc's configuration, and the package schema that embeds
// the migration. from is the database that the schema is from.
func (s *Schema) Files(from string, withQueries bool) ([]File, error) {
	files := []File{{Path: "schema/00001_schema.sql", text: s.Migration(from)}}
	if !withQueries {
		return files, nil
	}
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	files = append(files, File{Path: "schema/schema.go", text: schemaPackage, optional: true}, File{Path: "sqlc.yaml", text: config, optional: true})
	for _, q := range s.queries() {
		files = append(files, File{Path: "queries/" + q.name, text: q.text})
	}
	return files, nil
}

// WithoutQueries returns lines about the objects for which [Schema.Files] has no queries.
func (s *Schema) WithoutQueries() []string { return s.noQueries.notes() }

// Write writes files to a folder, which it creates. Nothing is replaced: if a file is there already, that is an
// [fs.ErrExist], unless sqlc.yaml or schema.go is there, which stays. A folder with migrations is an error too. If Write fails, it removes the files and folders that it
// has made. It returns the paths of the written files.
func Write(folder string, files []File) (paths []string, err error) {
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(folder, f.Path)); err == nil && !f.optional {
			return nil, fmt.Errorf("%s %w; nothing was written", filepath.Join(folder, f.Path), fs.ErrExist)
		}
	}
	others, err := migrations.Numbered(filepath.Join(folder, "schema"))
	if err != nil {
		return nil, err
	}
	if names := slices.Sorted(maps.Values(others)); len(names) > 0 {
		return nil, fmt.Errorf("%s is a migration already, and this one would have to be the first; nothing was written", filepath.Join(folder, "schema", names[0]))
	}
	var made []string // files and folders
	for _, f := range files {
		path := filepath.Join(folder, f.Path)
		folders, err := makeFolder(filepath.Dir(path))
		made = append(made, folders...)
		if err == nil {
			err = migrations.WriteNew(path, f.text)
			if errors.Is(err, fs.ErrExist) && f.optional {
				continue
			}
		}
		if err != nil {
			for _, path := range slices.Backward(made) {
				os.Remove(path)
			}
			return nil, err
		}
		made, paths = append(made, path), append(paths, path)
	}
	return paths, nil
}

// makeFolder makes a folder, and the folders above it that aren't there. It returns the ones that it has made, also if it fails.
func makeFolder(path string) (made []string, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, nil
	}
	if above := filepath.Dir(path); above != path {
		if made, err = makeFolder(above); err != nil {
			return made, err
		}
	}
	if err := os.Mkdir(path, 0o777); err != nil {
		return made, err
	}
	return append(made, path), nil
}
