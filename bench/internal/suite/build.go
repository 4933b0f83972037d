package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// bin is the folder for built programs, relative to the module.
const bin = "bin"

// build builds a contestant's program, and returns its command line.
func build(ctx context.Context, c Contestant) ([]string, error) {
	switch c.Program {
	case "c":
		return buildC(ctx)
	case "node":
		return installNode(ctx)
	}
	cgo := "CGO_ENABLED=0"
	if c.Cgo {
		cgo = "CGO_ENABLED=1"
	}
	path := filepath.Join(bin, c.Program+c.Go)
	if _, err := output(ctx, "", []string{cgo, "GOTOOLCHAIN=" + toolchain(ctx, c.Go)}, "go", "build", "-o", path, "./contestant/"+c.Program); err != nil {
		return nil, err
	}
	return []string{path}, nil
}

// toolchain returns the version of Go for a build: wanted, or if that is "" GoVersion, or else the one in
// use.
func toolchain(ctx context.Context, wanted string) string {
	if wanted != "" {
		return wanted // without it the contestant is left out
	}
	if _, err := output(ctx, "", []string{"GOTOOLCHAIN=" + GoVersion}, "go", "version"); err != nil {
		return "local"
	}
	return GoVersion
}

// sqliteOptions are the options that SQLite's authors recommend for one connection per thread.
var sqliteOptions = []string{"-O2", "-DSQLITE_THREADSAFE=2", "-DSQLITE_DEFAULT_MEMSTATUS=0"}

// buildC compiles the SQLite source of github.com/mattn/go-sqlite3, so that both run the same
// version.
func buildC(ctx context.Context) ([]string, error) {
	const module = "github.com/mattn/go-sqlite3"
	// go list -m names no folder of a module that isn't downloaded.
	if _, err := output(ctx, "", nil, "go", "mod", "download", module); err != nil {
		return nil, err
	}
	dir, err := output(ctx, "", nil, "go", "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return nil, err
	}
	object, program := filepath.Join(bin, "sqlite3-"+filepath.Base(dir)+".o"), filepath.Join(bin, "c")
	include := filepath.Join(bin, "include")
	if _, err := os.Stat(object); err != nil {
		args := append([]string{"-c", "-x", "c", "-o", object}, sqliteOptions...)
		if _, err := output(ctx, "", nil, "gcc", append(args, filepath.Join(dir, "sqlite3-binding.c"))...); err != nil {
			return nil, err
		}
	}
	header, err := os.ReadFile(filepath.Join(dir, "sqlite3-binding.h"))
	if err == nil {
		err = os.MkdirAll(include, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(include, "sqlite3.h"), header, 0o644)
	}
	if err != nil {
		return nil, err
	}
	_, err = output(ctx, "", nil, "gcc", "-O2", "-Wall", "-I", include, "-o", program, "contestant/c/local.c", object, "-lpthread", "-lm", "-ldl")
	return []string{program}, err
}

// installNode installs the packages of the lock file, without running their scripts.
func installNode(ctx context.Context) ([]string, error) {
	const dir = "contestant/node"
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		if _, err := output(ctx, dir, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
			return nil, err
		}
	}
	return []string{"node", dir + "/main.mjs"}, nil
}

// output runs a command and returns its output without the last newline.
func output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		text := strings.TrimSpace(string(exit.Stderr))
		return "", fmt.Errorf("%s: %w: %s", name, err, text[:min(len(text), 300)])
	}
	return strings.TrimSpace(string(out)), err
}
