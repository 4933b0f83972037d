package db

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/pressly/goose/v3"
)

// wantNames ends errors about file names.
const wantNames = "want files in goose's form, named like 00001_bookmarks.sql"

// checkNames checks the names in the root folder. goose's own errors would be less helpful.
func checkNames(files fs.FS) error {
	if files == nil {
		return errors.New("no files: fs.FS is nil; " + wantNames)
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	byNumber := map[int64]string{}
	var other []string // *.sql files without a number
	for _, entry := range entries {
		name := entry.Name()
		number, err := goose.NumericComponent(name)
		switch {
		case entry.IsDir(), strings.HasSuffix(name, "_test.go"):
		case err == nil && path.Ext(name) == ".go":
			return fmt.Errorf("%s is a Go migration, which db.Migrate doesn't run; run it with goose itself (goose.NewProvider takes the same pool), or leave the file out of the files that are embedded", engine.Escape(name))
		case err == nil && byNumber[number] != "":
			return twoOfNumber(number, byNumber[number], name)
		case err == nil:
			byNumber[number] = name
		case path.Ext(name) == ".sql" && isNumberZero(name):
			return fmt.Errorf("%s has the number 0, which goose leaves out; number the files from 1", engine.Escape(name))
		case path.Ext(name) == ".sql":
			other = append(other, name)
		}
	}
	if len(byNumber) > 0 {
		return nil
	}
	return noNumbers(files, other)
}

func isNumberZero(name string) bool {
	number, _, found := strings.Cut(name, "_")
	return found && number != "" && strings.Trim(number, "0") == ""
}

// twoOfNumber returns the error for two files with the same number.
func twoOfNumber(number int64, first, second string) error {
	if up, down, ok := upAndDown(first, second); ok {
		return fmt.Errorf("%s and %s are golang-migrate's, one for each direction; want one file in goose's form: %s with a line -- +goose Up before the text of the one and -- +goose Down before the other's; duolite migrate import FOLDER writes it",
			engine.Escape(up), engine.Escape(down), engine.Escape(strings.TrimSuffix(up, ".up.sql")+".sql"))
	}
	return fmt.Errorf("two migrations have the number %d: %s and %s; give each a number of its own", number, engine.Escape(first), engine.Escape(second))
}

func upAndDown(first, second string) (up, down string, ok bool) {
	if strings.HasSuffix(first, ".up.sql") {
		first, second = second, first
	}
	return second, first, strings.HasSuffix(second, ".up.sql") && strings.HasSuffix(first, ".down.sql")
}

// noNumbers returns the error for a folder without migrations.
func noNumbers(files fs.FS, other []string) error {
	if len(other) > 0 {
		return fmt.Errorf("no file begins with a number and an underscore (there is %s); %s", engine.Escape(other[0]), wantNames)
	}
	if folder := folderOfSQL(files); folder != "" {
		return fmt.Errorf("there is no *.sql file in the root folder, but there are in %q; name that folder, in Go by fs.Sub(files, %q)", folder, folder)
	}
	return errors.New("there is no *.sql file; " + wantNames)
}

// maxWalk limits the number of files that are searched for a better error.
const maxWalk = 10_000

// folderOfSQL returns the first folder with a *.sql file, or "".
func folderOfSQL(files fs.FS) string {
	var found string
	seen := 0
	fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		seen++
		switch {
		case seen > maxWalk:
			return fs.SkipAll
		case err != nil:
			return nil
		case !entry.IsDir() && path.Ext(name) == ".sql":
			found = path.Dir(name)
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// fileMarks are lines by which the files of other tools are recognized.
var fileMarks = []struct{ tool, mark string }{
	{"dbmate", "-- migrate:up"},
	{"sql-migrate", "-- +migrate Up"},
	{"tern", "---- create above / drop below ----"},
	{"Drizzle", "--> statement-breakpoint"},
	{"Liquibase", "--liquibase formatted sql"},
}

// imports ends the errors about files of the tools that duolite migrate import knows.
const imports = "; duolite migrate import FOLDER writes such files"

// notGoose returns the error for a file without "-- +goose Up".
func notGoose(name, text string) error {
	const want = "want a line -- +goose Up before the statements, and -- +goose Down before the statements that undo them"
	line := 1
	if all := (region{text: text, line: 1}).statements(); len(all) > 0 {
		line = all[0].line
	}
	lines := strings.Split(text, "\n")
	for _, tool := range fileMarks {
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, tool.mark) }); i >= 0 {
			problem := fmt.Sprintf("%s is %s's; db.Migrate reads goose's form: %s", tool.mark, tool.tool, want)
			if tool.tool == "dbmate" {
				problem += imports
			}
			return migrationFault(name, i+1, problem)
		}
	}
	switch {
	case strings.HasSuffix(name, ".up.sql"), strings.HasSuffix(name, ".down.sql"):
		return migrationFault(name, line, "the file is named like a file of golang-migrate; db.Migrate reads goose's form: "+want+imports)
	case strings.TrimSpace(text) == "":
		return migrationFault(name, line, "the file is empty; "+want)
	default:
		return migrationFault(name, line, want)
	}
}
