package db

import (
	"io/fs"
	"path"
	"strings"
	"time"
)

// render returns the file in the form that goose runs. goose's own parser ends a statement at
// each line that ends in a semicolon, even within a trigger, so render puts each statement
// between StatementBegin and StatementEnd.
func (f migrationFile) render() string {
	var b strings.Builder
	if f.noTx {
		b.WriteString(noTxLine)
	}
	b.WriteString("-- +goose Up\n")
	f.up.render(&b, f.noTx)
	b.WriteString("-- +goose Down\n")
	f.down.render(&b, f.noTx)
	return b.String()
}

const (
	noTxLine       = "-- +goose NO TRANSACTION\n"
	statementBegin = "-- +goose StatementBegin\n"
	statementEnd   = "\n-- +goose StatementEnd\n"
)

func (s section) render(b *strings.Builder, noTx bool) {
	if noTx && s.setsForeignKeys() {
		// One call, and so one request on a server. In a request of its own, a statement could
		// run on another stream of the server, where foreign keys are on. They are on again when
		// the connection returns to the pool.
		b.WriteString(statementBegin)
		s.renderScript(b)
		b.WriteString(statementEnd)
		return
	}
	for _, r := range s.regions {
		if r.block {
			b.WriteString(statementBegin)
			r.render(b, 0, len(r.text), true)
			b.WriteString(statementEnd)
			continue
		}
		end := 0
		for _, st := range r.statements() {
			r.render(b, end, st.start, false)
			b.WriteString(statementBegin)
			r.render(b, st.start, st.end, true)
			b.WriteString(statementEnd)
			end = st.end
		}
		r.render(b, end, len(r.text)+1, false)
	}
}

// renderScript writes all statements of a section.
func (s section) renderScript(b *strings.Builder) {
	for _, r := range s.regions {
		r.render(b, 0, len(r.text), true)
		b.WriteString("\n;\n")
	}
}

// render writes the lines about variables between from and to, and the text if wanted is set.
func (r region) render(b *strings.Builder, from, to int, wanted bool) {
	for _, env := range r.envs {
		if env.offset < from || env.offset >= to {
			continue
		}
		if wanted {
			b.WriteString(r.text[from:env.offset])
		}
		b.WriteString(env.text + "\n")
		from = env.offset + 1 // after the empty line in its place
	}
	if wanted && from < to {
		b.WriteString(r.text[from:to])
	}
}

// renderedFiles is a file system in which some files are replaced.
type renderedFiles struct {
	fs.FS
	texts map[string]string
}

// inTransaction reports whether goose runs the replaced file in a transaction.
func (f renderedFiles) inTransaction(name string) bool {
	return !strings.HasPrefix(f.texts[name], noTxLine)
}

func (f renderedFiles) Open(name string) (fs.File, error) {
	if text, found := f.texts[name]; found {
		return &renderedFile{*strings.NewReader(text), name}, nil
	}
	return f.FS.Open(name)
}

func (f renderedFiles) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, name) }

// A renderedFile is a replaced file and its [fs.FileInfo].
type renderedFile struct {
	strings.Reader
	name string
}

func (f *renderedFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *renderedFile) Close() error               { return nil }
func (f *renderedFile) Name() string               { return path.Base(f.name) }
func (f *renderedFile) Mode() fs.FileMode          { return 0o444 }
func (f *renderedFile) ModTime() time.Time         { return time.Time{} }
func (f *renderedFile) IsDir() bool                { return false }
func (f *renderedFile) Sys() any                   { return nil }
