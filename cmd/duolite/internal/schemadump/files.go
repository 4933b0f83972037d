package schemadump

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// Write writes files to a folder, which it creates. Nothing is replaced: if a file is there already, that is an
// [fs.ErrExist], unless sqlc.yaml or schema.go is there, which stays. If Write fails, it removes what it has written. It returns
// the paths of the written files.
func Write(folder string, files []File) (paths []string, err error) {
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(folder, f.Path)); err == nil && !f.optional {
			return nil, fmt.Errorf("%s %w; nothing was written", filepath.Join(folder, f.Path), fs.ErrExist)
		}
	}
	for _, f := range files {
		path := filepath.Join(folder, f.Path)
		err := writeNew(path, f.text)
		if errors.Is(err, fs.ErrExist) && f.optional {
			continue
		}
		if err != nil {
			for _, path := range paths {
				os.Remove(path)
			}
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// writeNew writes a file that doesn't exist yet.
func writeNew(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}
