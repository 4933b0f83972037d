package migrations

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
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
	imported, err := render(tool, found)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return imported, nil
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
		case isGolangMigrate(name):
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

func sortedNames(texts map[string]string) []string { return slices.Sorted(maps.Keys(texts)) }

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
