package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs each session in testdata/script on each kind of database, a fresh
// one every time. The sessions use what testscript has, and besides
//
//	marks ARGS...           which must succeed
//	exits CODE marks ARGS...
//
// where <FILE and >FILE are what they are to a shell, and the conditions [local],
// [server] and [auth]. With -update they take what is printed for what is wanted.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
				runScript(t, file, d)
			})
		})
	}
}

func runScript(t *testing.T, file string, d dbtest.Database) {
	testscript.RunT(inline{t}, testscript.Params{
		Files:         []string{file},
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, environOf(d)...)
			env.Vars = append(env.Vars, "ESC=\x1b") // which no script could write
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "local":
				return d.Local(), nil
			case "server":
				return !d.Local(), nil
			case "auth":
				return d.Token != "", nil
			default:
				return false, fmt.Errorf("want local, server or auth")
			}
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"marks": func(ts *testscript.TestScript, neg bool, args []string) {
				scriptCommand(t, ts, d, 0, args)
			},
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if len(args) < 2 || args[1] != "marks" {
					ts.Fatalf("usage: exits CODE marks ARGS...")
				}
				code, err := strconv.Atoi(args[0])
				ts.Check(err)
				scriptCommand(t, ts, d, code, args[2:])
			},
		},
	})
}

// inline makes a script a part of the test that runs it, and not a parallel one below.
type inline struct {
	*testing.T
}

func (t inline) Run(_ string, f func(testscript.T)) { f(t) }
func (t inline) Parallel()                          {}
func (t inline) Verbose() bool                      { return testing.Verbose() }

// scriptCommand runs marks as the script's line says.
func scriptCommand(t *testing.T, ts *testscript.TestScript, d dbtest.Database, code int, args []string) {
	args, stdin, target := redirections(ts, args)
	var r result
	inFolder(ts, func() { r = runMarks(t, scriptEnviron(ts), stdin, args...) })
	if target != "" {
		ts.Check(os.WriteFile(ts.MkAbs(target), []byte(r.Stdout), 0o600))
	} else {
		ts.Stdout().Write([]byte(r.Stdout))
	}
	ts.Stderr().Write([]byte(r.Stderr))
	if r.Code != code {
		ts.Fatalf("exit code %d, want %d", r.Code, code)
	}
	if problem := checkResult(r, d.Token); problem != "" {
		ts.Fatalf("%s", problem)
	}
}

// redirections takes <FILE and >FILE off a command line.
func redirections(ts *testscript.TestScript, line []string) (args []string, stdin, target string) {
	for _, arg := range line {
		if file, ok := strings.CutPrefix(arg, "<"); ok && file != "" {
			stdin = ts.ReadFile(file)
		} else if file, ok := strings.CutPrefix(arg, ">"); ok && file != "" {
			target = file
		} else {
			args = append(args, arg)
		}
	}
	return args, stdin, target
}

// scriptEnviron returns what marks sees of the script's environment. Since a script
// can't unset a variable, an empty one is not set.
func scriptEnviron(ts *testscript.TestScript) []string {
	var environ []string
	for _, name := range []string{
		"TURSO_DATABASE_URL", "LIBSQL_URL", "DATABASE_URL",
		"TURSO_AUTH_TOKEN", "LIBSQL_AUTH_TOKEN", "JWT_TOKEN",
		"COLUMNS", "NO_COLOR", "TERM",
	} {
		if value := ts.Getenv(name); value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	return environ
}

var folderLock sync.Mutex

// inFolder runs fn with the script's folder as the current one of the process.
func inFolder(ts *testscript.TestScript, fn func()) {
	folderLock.Lock()
	defer folderLock.Unlock()
	before, err := os.Getwd()
	ts.Check(err)
	ts.Check(os.Chdir(ts.MkAbs(".")))
	defer os.Chdir(before)
	fn()
}
