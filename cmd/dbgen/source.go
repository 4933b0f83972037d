package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

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
	s := &source{schema: filepath.Join(folder, "schema"), queries: filepath.Join(folder, "queries"), files: map[string]string{}, schemaFiles: map[string]string{}}
	schema, err := b.Schema.files(c.dir)
	if err != nil {
		return nil, err
	}
	for i, file := range schema {
		name := filepath.Base(file)
		if len(b.Schema) > 1 { // they are run in the order of their names
			name = fmt.Sprintf("%06d-%s", i, name)
		}
		s.schemaFiles[name] = file
		if text, err := os.ReadFile(file); err != nil {
			return nil, err
		} else if bytes.HasPrefix(text, []byte("\ufeff")) {
			return nil, badUsage("%s begins with a byte order mark, at which sqlc stops: save it as UTF-8 without BOM", shown(file))
		}
		if err := copyFile(file, filepath.Join(s.schema, name)); err != nil {
			return nil, err
		}
	}
	queries, err := b.Queries.files(c.dir)
	if err != nil {
		return nil, err
	}
	if len(schema) == 0 || len(queries) == 0 {
		return nil, badUsage("%s: want *.sql files in both schema %q and queries %q", c.path, b.Schema, b.Queries)
	}
	for _, file := range queries {
		name := filepath.Base(file)
		if other, taken := s.files[name]; taken {
			return nil, badUsage("%s and %s would both become %s.go: rename one", shown(other), shown(file), name)
		}
		s.files[name] = file
		if err := copyFile(file, filepath.Join(s.queries, name)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// check returns an error about the mistakes that sqlc would make without a message.
func (s *source) check() error {
	findings, err := dbcheck.Source(os.DirFS(s.queries))
	if err != nil {
		return err
	}
	return s.failOn(findings)
}

// failOn returns the error that findings are, or nil.
func (s *source) failOn(findings []dbcheck.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	var lines []string
	for _, f := range findings {
		files := s.files
		if f.Schema {
			files = s.schemaFiles
		}
		if file, ok := files[f.File]; ok {
			f.File = shown(file)
		}
		lines = append(lines, fmt.Sprintf("%s (%s)", f, f.Rule))
	}
	lines = slices.Compact(lines) // a method and its iterator often have the same to say
	return findingsError{lines, fmt.Sprintf("findings: %d; nothing is written. A query opts out of a rule by a comment: -- dbcheck:allow RULE: reason", len(lines))}
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, text)
}
