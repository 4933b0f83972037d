package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/embed"
)

// A result is the project of a database.
type result struct {
	name                     string
	tables, queries, methods int
	lines                    []string // notes and findings
	took                     time.Duration
	failed                   bool
}

// run makes a project of a database.
func (r runner) run(file string) (*result, error) {
	one := &result{name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))}
	dir := filepath.Join(r.work, one.name)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return nil, err
	}
	database := filepath.Join(dir, "app.db")
	if err := makeDatabase(file, database); err != nil {
		return nil, err
	}
	if err := r.writeModule(dir, strings.TrimSuffix(file, filepath.Ext(file))+".go"); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := r.project(one, dir); err != nil {
		return nil, err
	}
	one.took = time.Since(start)
	return one, one.count(dir)
}

// project runs the verbs until one fails.
func (r runner) project(one *result, dir string) error {
	gen := []string{"gen"}
	if r.sqlc != "" {
		gen = append(gen, "--sqlc", r.sqlc)
	}
	if _, err := os.Stat(filepath.Join(dir, "options")); err == nil {
		gen = append(gen, "--open-with", "example.com/app/options.Options")
	}
	for _, args := range [][]string{{"schema", "app.db", "--out", ".", "--queries"}, gen, append([]string{"check"}, gen[1:]...)} {
		cmd := exec.Command(r.duolite, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		if err != nil || args[0] != "check" { // otherwise it repeats the lines of gen
			one.read(args[0], stderr.String())
		}
		if err != nil {
			one.failed = true
			return nil
		}
	}
	return nil
}

// makeDatabase copies a database, or runs a script in a new one. The script may use collations that SQLite doesn't have, and
// strings in double quotes.
func makeDatabase(file, to string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(text, []byte("SQLite format 3\x00")) {
		return os.WriteFile(to, text, 0o644)
	}
	conn, err := sqlite3.Open(to)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, option := range []sqlite3.DBConfig{sqlite3.DBCONFIG_DQS_DDL, sqlite3.DBCONFIG_DQS_DML} {
		if _, err := conn.Config(option, true); err != nil {
			return err
		}
	}
	if err := conn.AnyCollationNeeded(); err != nil {
		return err
	}
	return conn.Exec(string(text))
}

// writeModule writes go.mod and go.sum for a module that requires this repository, and the package options, if its file exists.
func (r runner) writeModule(dir, options string) error {
	const module = "github.com/duolite/duolite"
	text := fmt.Sprintf("module example.com/app\n\ngo 1.26.0\n\nrequire %s v0.0.0\n\nreplace %[1]s => %q\n", module, r.repo)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o644); err != nil {
		return err
	}
	if code, err := os.ReadFile(options); err == nil {
		folder := filepath.Join(dir, "options")
		if err := errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(folder, "options.go"), code, 0o644)); err != nil {
			return err
		}
	}
	sums, err := os.ReadFile(filepath.Join(r.repo, "go.sum"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644)
}

var checked = regexp.MustCompile(`^duolite: .*: (\d+) methods checked$`)

// read reads the output of a verb.
func (one *result) read(verb, stderr string) {
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(line, "\n")
		switch m := checked.FindStringSubmatch(line); {
		case m != nil:
			one.methods, _ = strconv.Atoi(m[1])
		case strings.HasPrefix(line, "duolite: sqlc v"):
		default:
			one.lines = append(one.lines, verb+": "+line)
		}
	}
}

var (
	createTable = regexp.MustCompile(`(?m)^CREATE (VIRTUAL )?TABLE `)
	queryName   = regexp.MustCompile(`(?m)^-- name: `)
)

// count counts the tables and queries that duolite schema has written.
func (one *result) count(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.sql"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		one.tables += len(createTable.FindAll(text, -1))
		one.queries += len(queryName.FindAll(text, -1))
	}
	return err
}

func (one *result) print() {
	state := "a project"
	if one.failed {
		state = "no project"
	}
	fmt.Printf("%s: %d tables, %d queries, %d methods checked, %.1f s: %s\n", one.name, one.tables, one.queries, one.methods, one.took.Seconds(), state)
	for _, line := range one.lines {
		fmt.Println("\t" + line)
	}
}
