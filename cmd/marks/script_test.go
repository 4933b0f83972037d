package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the output of the commands into the scripts that compare it")

// TestScripts runs each script in testdata/script on each kind of database. Each run has a new
// database. Besides the commands of testscript, scripts have
//
//	marks ARGS...           which must succeed
//	exits CODE marks ARGS...
//
// and the conditions [local] and [server].
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			eachDatabase(t, func(t *testing.T, d dbtest.Database) { runScript(t, file, d) })
		})
	}
}

func runScript(t *testing.T, file string, d dbtest.Database) {
	testscript.Run(t, testscript.Params{
		Files:         []string{file},
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, environOf(t, d)...)
			env.Vars = append(env.Vars, "ESC=\x1b") // a character that a script can't contain
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "local" && name != "server" {
				return false, fmt.Errorf("want local or server")
			}
			return d.Local() == (name == "local"), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"marks": func(ts *testscript.TestScript, neg bool, args []string) {
				scriptCommand(ts, d, 0, args)
			},
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if len(args) < 2 || args[1] != "marks" {
					ts.Fatalf("usage: exits CODE marks ARGS...")
				}
				code, err := strconv.Atoi(args[0])
				ts.Check(err)
				scriptCommand(ts, d, code, args[2:])
			},
		},
	})
}

// scriptCommand runs marks and checks its exit code.
func scriptCommand(ts *testscript.TestScript, d dbtest.Database, want int, args []string) {
	exe, err := os.Executable()
	ts.Check(err)
	code := 0
	if err := ts.Exec(exe, args...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
	if problem := checkResult(result{code, ts.ReadFile("stdout"), ts.ReadFile("stderr")}, d.Token); problem != "" {
		ts.Fatalf("%s", problem)
	}
}

// TestTerminal runs the scripts in testdata/terminal, in which marks prints on a terminal.
func TestTerminal(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skipf("SKIPPED: testscript has no terminal on %s", runtime.GOOS)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(bin, "marks")); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/terminal",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, environOf(t, dbtest.Database{})...)
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("TERM", "xterm")
			return nil
		},
	})
}
