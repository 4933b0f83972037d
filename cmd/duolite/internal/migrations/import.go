package migrations

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/internal/sqltext"
)

// A Tool is the tool whose files are taken over.
type Tool string

const (
	GolangMigrate Tool = "golang-migrate"
	Dbmate        Tool = "dbmate"
)

// An Import is the migrations of another tool, in goose's form.
type Import struct {
	Tool  Tool
	Files []File // in the order of their numbers
}

// A File is a migration in goose's form.
type File struct {
	Version int64
	Name    string
	Text    string
	// Outside is the statement because of which the file runs without a transaction, or "".
	Outside string
}

// A migration is a migration as another tool has it.
type migration struct {
	version  int64
	name     string // of its file in goose's form
	from     string // the file that it comes from, for errors
	before   string // comments before both sections
	up, down string
	// noTx: the tool runs it without a transaction.
	noTx bool
}

const wantTool = "want golang-migrate's files, such as 000001_books.up.sql, or dbmate's, with a line -- migrate:up"

// Read reads a folder of golang-migrate's or dbmate's files.
func Read(folder string) (*Import, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, usage.Errorf("%v", err)
	}
	texts := map[string]string{}
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) != ".sql" || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		texts[entry.Name()] = strings.TrimPrefix(string(text), "\ufeff")
	}
	tool, err := toolOf(folder, texts)
	if err != nil {
		return nil, err
	}
	read := golangMigrate
	if tool == Dbmate {
		read = dbmate
	}
	found, err := read(texts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return render(tool, found)
}

// toolOf returns the tool that all files belong to.
func toolOf(folder string, texts map[string]string) (Tool, error) {
	if len(texts) == 0 {
		return "", usage.Errorf("%s has no *.sql file; %s", folder, wantTool)
	}
	var tool Tool
	var first string
	for _, name := range sortedNames(texts) {
		var is Tool
		switch {
		case hasLine(texts[name], isGoose):
			return "", usage.Errorf("%s is in goose's form already; give its folder as --dir", filepath.Join(folder, name))
		case hasLine(texts[name], isDbmate):
			is = Dbmate
		case strings.HasSuffix(name, ".up.sql"), strings.HasSuffix(name, ".down.sql"):
			is = GolangMigrate
		default:
			return "", usage.Errorf("%s: %s", filepath.Join(folder, name), wantTool)
		}
		if tool != "" && is != tool {
			return "", usage.Errorf("%s is %s's, and %s is %s's; want a folder with the files of one tool", filepath.Join(folder, first), tool, name, is)
		}
		tool, first = is, name
	}
	return tool, nil
}

func sortedNames(texts map[string]string) []string {
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func hasLine(text string, is func(line string) bool) bool {
	for line := range strings.Lines(text) {
		if is(line) {
			return true
		}
	}
	return false
}

// isGoose reports whether goose takes a line for its own.
func isGoose(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), "--") && strings.Contains(line, "+goose")
}

// render returns the migrations in goose's form.
func render(tool Tool, found []migration) (*Import, error) {
	slices.SortFunc(found, func(a, b migration) int { return int(max(-1, min(1, a.version-b.version))) })
	imported := &Import{Tool: tool}
	for _, m := range found {
		up, down := sqltext.Split(m.up), sqltext.Split(m.down)
		file := File{Version: m.version, Name: m.name}
		if i := slices.IndexFunc(slices.Concat(up, down), outside); i >= 0 && !m.noTx {
			m.noTx, file.Outside = true, shown(slices.Concat(up, down)[i].Text)
		}
		var b strings.Builder
		if m.noTx {
			b.WriteString("-- +goose NO TRANSACTION\n")
		}
		line(&b, m.before)
		b.WriteString("-- +goose Up\n")
		writeSection(&b, m.up, up)
		b.WriteString("-- +goose Down\n")
		writeSection(&b, m.down, down)
		file.Text = b.String()
		imported.Files = append(imported.Files, file)
	}
	return imported, nil
}

// outside reports whether a statement can't be in the transaction of a migration.
func outside(s sqltext.Statement) bool {
	switch s.Kind {
	case sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Commit, sqltext.Rollback, sqltext.Outside:
		return true
	}
	return false
}

// shown returns the words of a statement, for a message.
func shown(text string) string {
	var words []string
	for token := range sqltext.Tokens(text) {
		if token.Kind != sqltext.Space && token.Kind != sqltext.Comment {
			words = append(words, token.Text)
		}
	}
	if len(words) > 5 {
		words = append(words[:5], "…")
	}
	return strings.Join(words, " ")
}

// writeSection writes a text byte for byte. goose's own parser ends a statement at each line that ends in
// a semicolon, and needs one at the end, so a statement for which that is wrong is put between
// StatementBegin and StatementEnd.
func writeSection(b *strings.Builder, text string, statements []sqltext.Statement) {
	at, end := 0, 0 // what is written, and what is read
	for _, s := range statements {
		start := end + strings.Index(text[end:], s.Text)
		end = start + len(s.Text)
		semicolon := strings.HasPrefix(strings.TrimLeft(text[end:], " \t\r\n"), ";")
		if !strings.Contains(s.Text, ";") && semicolon {
			continue
		}
		if semicolon {
			end += strings.IndexByte(text[end:], ';') + 1
		}
		line(b, text[at:start])
		b.WriteString("-- +goose StatementBegin\n")
		line(b, text[start:end])
		b.WriteString("-- +goose StatementEnd\n")
		at = end
		if strings.HasPrefix(text[at:], "\n") {
			at++
		}
	}
	line(b, text[at:])
}

// line writes text, and ends its last line.
func line(b *strings.Builder, text string) {
	b.WriteString(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteByte('\n')
	}
}

// Write writes the files to a folder, all or none, and returns the paths of the new ones. A file that is
// there already with the same text stays; one with another text is an error, as is a second file with a
// number.
func (i *Import) Write(ctx context.Context, folder string) ([]string, error) {
	missing, err := i.missing(ctx, folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	var written []string
	for _, file := range missing {
		path := filepath.Join(folder, file.Name)
		if err := writeNew(path, file.Text); err != nil {
			Remove(written)
			return nil, err
		}
		written = append(written, path)
	}
	return written, nil
}

// Remove removes files that Write has written.
func Remove(paths []string) {
	for _, path := range paths {
		os.Remove(path)
	}
}

// missing returns the files that the folder doesn't have.
func (i *Import) missing(ctx context.Context, folder string) ([]File, error) {
	all := fstest.MapFS{}
	entries, _ := os.ReadDir(folder) // none if there is no folder
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) != ".sql" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		all[entry.Name()] = &fstest.MapFile{Data: text}
	}
	var missing []File
	for _, file := range i.Files {
		there, exists := all[file.Name]
		switch {
		case !exists:
			missing = append(missing, file)
			all[file.Name] = &fstest.MapFile{Data: []byte(file.Text)}
		case string(there.Data) != file.Text:
			return nil, fmt.Errorf("%s exists, with another text; nothing is overwritten", filepath.Join(folder, file.Name))
		}
	}
	return missing, checkNames(ctx, folder, all)
}

// checkNames has package db check the names of all files.
func checkNames(ctx context.Context, folder string, files fs.FS) error {
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err = db.MigrationStatus(ctx, pool, files); err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	return nil
}
