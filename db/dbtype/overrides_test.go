package dbtype_test

import (
	"context"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
)

// TestOverrides takes the settings for sqlc out of the manual, as a user would, lets
// sqlc generate an app with them, and runs it on each kind of database.
func TestOverrides(t *testing.T) {
	root := buildSQLC(t)
	app := t.TempDir()
	if err := os.CopyFS(app, os.DirFS("testdata/app")); err != nil {
		t.Fatal(err)
	}
	writeModule(t, root, app)
	writeFile(t, filepath.Join(app, "sqlc.yaml"), `version: "2"
sql:
  - engine: sqlite
    schema: schema
    queries: queries
    database: {uri: ":memory:"}
    gen:
      go:
        package: store
        out: store
`+indent(manualBlock(t, "overrides:"), "        "))
	command(t, root, sqlc("generate", "-f", filepath.Join(app, "sqlc.yaml"))...)
	command(t, app, "go", "vet", "./...")
	command(t, app, "go", "build", "-o", "app.exe", ".")
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		url := d.URL
		if d.Token != "" {
			url += "?authToken=" + d.Token
		}
		if got := command(t, app, filepath.Join(app, "app.exe"), url); got != "ok\n" {
			t.Errorf("the app says %s", got)
		}
	})
}

// TestManualsModel wants the types in the manual to be those that TestOverrides runs.
func TestManualsModel(t *testing.T) {
	source, err := os.ReadFile("testdata/app/model/model.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(manualBlock(t, "package model"), "\n") {
		if !strings.Contains(string(source), line+"\n") {
			t.Errorf("testdata/app/model/model.go has no line %q", line)
		}
	}
}

// buildSQLC builds sqlc, unless it is in Go's cache, and returns the project's folder.
func buildSQLC(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs sqlc")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ctx, strict := t.Context(), os.Getenv("CI") == "true"
	if !strict {
		// Its first build takes minutes, which is no business of go test.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Minute)
		defer cancel()
	}
	version := sqlc("version")
	build := exec.CommandContext(ctx, version[0], version[1:]...)
	build.Dir, build.Env = root, goEnvironment()
	build.WaitDelay = time.Second
	if out, err := build.CombinedOutput(); err != nil && strict {
		t.Fatalf("build sqlc: %v\n%s", err, out)
	} else if err != nil {
		t.Skipf("sqlc isn't built, and couldn't be within a minute (make tools): %v\n%.500s", err, out)
	}
	return root
}

func sqlc(args ...string) []string {
	return append([]string{"go", "tool", "-modfile=tools/go.mod", "sqlc"}, args...)
}

// goEnvironment has no cgo, with which sqlc takes long to build, and no workspace.
func goEnvironment() []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly")
}

func command(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), args[0], args[1:]...)
	c.Dir, c.Env = dir, goEnvironment()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args[:2], " "), err, out)
	}
	return string(out)
}

// writeModule makes a module of dir that requires this one, and what this one does.
func writeModule(t *testing.T, root, dir string) {
	t.Helper()
	const own = "module github.com/duolite/duolite\n"
	mod := readFile(t, filepath.Join(root, "go.mod"))
	if !strings.HasPrefix(mod, own) {
		t.Fatal("go.mod doesn't begin with " + own)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/app\n"+strings.TrimPrefix(mod, own)+`
require github.com/duolite/duolite v0.0.0-00010101000000-000000000000
replace github.com/duolite/duolite => `+root+"\n")
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, filepath.Join(root, "go.sum")))
}

// manualBlock returns the block of code in the package comment that begins with a line.
func manualBlock(t *testing.T, first string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var block []string
	for line := range strings.Lines(file.Doc.Text()) {
		code, isCode := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case isCode && (len(block) > 0 || code == first):
			block = append(block, code)
		case len(block) > 0 && strings.TrimSpace(line) != "":
			return strings.TrimSpace(strings.Join(block, "\n"))
		case len(block) > 0:
			block = append(block, "")
		}
	}
	if len(block) == 0 {
		t.Fatalf("the package comment has no block %q", first)
	}
	return strings.TrimSpace(strings.Join(block, "\n"))
}

func indent(text, by string) string {
	return by + strings.ReplaceAll(text, "\n", "\n"+by) + "\n"
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t *testing.T, name, data string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}
