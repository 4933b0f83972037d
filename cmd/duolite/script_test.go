package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/rogpeppe/go-internal/testscript"
)

// module is the path of the module of this command.
const module = "github.com/duolite/duolite"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"duolite": main})
}

// TestGen runs each session in testdata/gen: duolite gen and check in projects of their own, with the real
// sqlc and the real go. Besides what testscript has, they use
//
//	exits CODE duolite ARGS...
//	same FOLDER COPY          which compares two folders, file by file
//	windows FILE...           which ends lines with a carriage return
//	bom FILE                  which puts a byte order mark in front
//
// and $REPO and $SQLC, which are this module's folder and its sqlc. A go.mod that
// requires duolite gets it from there.
//
// With -short two of them run; the others compile programs.
func TestGen(t *testing.T) {
	if testing.Short() {
		runScripts(t, "", func(*testscript.Env) {}, "testdata/gen/usage.txtar", "testdata/gen/refused.txtar")
		return
	}
	runScripts(t, "testdata/gen", func(*testscript.Env) {})
}

// TestProjects runs the scripts in testdata/project, which compile more programs than the others.
func TestProjects(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles many programs")
	}
	runScripts(t, "testdata/project", func(*testscript.Env) {})
}

// TestServerScripts runs the script in testdata/server. It has the URL of a server in $SERVER and
// a token for it in $TOKEN.
func TestServerScripts(t *testing.T) {
	srv := dbtest.StartServer(t, dbtest.WithAuth())
	runScripts(t, "testdata/server", func(env *testscript.Env) {
		env.Setenv("SERVER", srv.URL())
		env.Setenv("TOKEN", srv.Token(dbtest.ReadWrite))
	})
}

// runScripts runs the scripts of a folder, and files.
func runScripts(t *testing.T, dir string, more func(*testscript.Env), files ...string) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sqlc := sqlcPath(t, repo)
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPO", repo)
			more(env)
			env.Setenv("SQLC", sqlc)
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB"} {
				out, err := exec.Command("go", "env", name).Output()
				if err != nil {
					return err
				}
				env.Setenv(name, strings.TrimSpace(string(out)))
			}
			env.Setenv("CGO_ENABLED", "0")
			env.Setenv("GOFLAGS", "-mod=mod -ldflags=-w") // programs are linked faster without DWARF
			return requireDuolite(env.WorkDir, repo)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "same": same, "windows": windows, "bom": bom, "database": database},
	})
}

// sqlcPath returns the program that the tools module has, which may have to be built.
func sqlcPath(t *testing.T, repo string) string {
	cmd := exec.CommandContext(t.Context(), "go", "-C", filepath.Join(repo, "tools"), "tool", "-n", "sqlc")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("no sqlc to run: go -C tools tool -n sqlc: %v\n%s", err, out)
	}
	if err != nil {
		t.Skipf("no sqlc to run: go -C tools tool -n sqlc: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// requireDuolite completes the go.mod files of a script.
func requireDuolite(folder, repo string) error {
	sums, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		return err
	}
	return filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != "go.mod" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), module) {
			return err
		}
		text = fmt.Appendf(text, "\nreplace %s => %q\n", module, repo)
		if err := os.WriteFile(path, text, 0o666); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(filepath.Dir(path), "go.sum"), sums, 0o666)
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = -1
		if exit, ok := err.(*exec.ExitError); ok {
			code = exit.ExitCode()
		}
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func same(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same FOLDER COPY")
	}
	got, want := readAll(ts, args[0]), readAll(ts, args[1])
	for name := range want {
		if text, ok := got[name]; !ok || text != want[name] {
			ts.Fatalf("%s isn't what it was", name)
		}
	}
	if len(got) != len(want) {
		ts.Fatalf("%d files, want %d", len(got), len(want))
	}
}

func windows(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "\n", "\r\n")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o666))
	}
}

func bom(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("\ufeff"+ts.ReadFile(args[0])), 0o666))
}

func readAll(ts *testscript.TestScript, folder string) map[string]string {
	files := map[string]string{}
	root := ts.MkAbs(folder)
	ts.Check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root)] = string(text)
		return err
	}))
	return files
}
