package source

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// A Folder is a folder of queries.
type Folder struct {
	Files   []File
	Queries []*Query
	// Nameless are the statements without a name, except CREATE and its like.
	Nameless []*Query
	// Schema are CREATE and its like: the schema may be in the same folder.
	Schema []*Query
}

// A File is one *.sql file of a folder of queries.
type File struct {
	Name, Text string // the text without a byte order mark
	Marked     bool   // the file begins with a byte order mark
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
		text, marked := strings.CutPrefix(string(bytes), byteOrderMark)
		f.Files = append(f.Files, File{name, text, marked})
		f.cut(name, text)
	}
	return f, nil
}

// cut adds the statements of a file.
func (f *Folder) cut(file, text string) {
	at, ascii := 0, strings.IndexFunc(text, Outside) < 0
	for _, stmt := range sqltext.Split(text) {
		at += strings.Index(text[at:], stmt.Text)
		// sqlc ignores a name after white space.
		start := len(strings.TrimRight(text[:at], " \t"))
		q := &Query{File: file, Text: text[start : at+len(stmt.Text)], First: 1 + strings.Count(text[:at], "\n"), ASCII: ascii}
		at += len(stmt.Text)
		q.ReadComments()
		switch {
		case q.Name != "":
			q.Parts = cutParts(q.Text)
			f.Queries = append(f.Queries, q)
		case stmt.Kind == sqltext.Other:
			f.Schema = append(f.Schema, q)
		default:
			f.Nameless = append(f.Nameless, q)
		}
	}
}

// byteOrderMark is an invisible character that some editors write at the beginning of a file.
const byteOrderMark = "\ufeff"

// Outside reports whether a character is outside ASCII.
func Outside(r rune) bool { return r > '~' }
