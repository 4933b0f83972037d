package source

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"github.com/duolite/duolite/internal/sqltext"
)

// A Folder is a folder of queries.
type Folder struct {
	Queries []*Query
	// Nameless are the statements without a name, in files that have no part of the schema.
	Nameless []*Query
	// Schema are CREATE and its like: the schema may be in the same folder, or in the same file.
	Schema []*Query
}

// ReadFolder reads the *.sql files in the root of files, as sqlc does.
func ReadFolder(files fs.FS) (*Folder, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no *.sql file in the folder of queries; pass the folder that sqlc.yaml names as queries")
	}
	f := &Folder{}
	for _, name := range names {
		bytes, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		f.cut(name, strings.TrimPrefix(string(bytes), byteOrderMark))
	}
	return f, nil
}

// cut adds the statements of a file.
func (f *Folder) cut(file, text string) {
	ascii := strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	var nameless []*Query
	hasSchema := false
	for at, stmt := range sqltext.Statements(text) {
		// sqlc ignores a name after white space.
		start := len(strings.TrimRight(text[:at], " \t"))
		q := &Query{File: file, Text: text[start : at+len(stmt.Text)], First: 1 + strings.Count(text[:at], "\n"), ASCII: ascii}
		q.ReadComments()
		switch {
		case q.Name != "":
			q.Parts = cutParts(q.Text)
			f.Queries = append(f.Queries, q)
		case stmt.Kind == sqltext.Other:
			f.Schema = append(f.Schema, q)
			hasSchema = true
		default:
			nameless = append(nameless, q)
		}
	}
	if !hasSchema {
		f.Nameless = append(f.Nameless, nameless...)
	}
}

// byteOrderMark is an invisible character that some editors write at the beginning of a file.
const byteOrderMark = "\ufeff"

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
