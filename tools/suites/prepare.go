package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// prepare copies the sources into work and changes the calls that open databases. It returns
// the folder of the tests.
func (s suite) prepare(root, work string) (dir string, err error) {
	from := os.Getenv(s.folder)
	if s.folder == "" {
		if from, err = download(s.module + "@" + s.version); err != nil {
			return "", err
		}
	}
	if err := os.CopyFS(work, noGit{os.DirFS(from)}); err != nil {
		return "", err
	}
	dir = filepath.Join(work, s.sub)
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return "", err
	}
	name, err := packageName(files)
	if err != nil {
		return "", err
	}
	for _, file := range files {
		if err := s.patchFile(file, name); err != nil {
			return "", err
		}
	}
	if err := s.add(dir, name); err != nil {
		return "", err
	}
	return dir, s.require(dir, root)
}

// add adds the files with the functions that open databases.
func (s suite) add(dir, name string) error {
	fill := strings.NewReplacer("PACKAGE", name, "DRIVER", s.driver)
	err := os.WriteFile(filepath.Join(dir, "duolite_suite_test.go"), []byte(fill.Replace(openFile)), 0o644)
	if s.name == "gorm" {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, "duolite_gorm_test.go"), []byte(fill.Replace(gormFile)), 0o644))
	}
	return err
}

// require adds package db to the requirements of the module.
func (s suite) require(dir, root string) error {
	mod := filepath.Join(dir, "go.mod")
	for _, file := range []string{mod, filepath.Join(dir, "go.sum")} {
		if err := os.Chmod(file, 0o644); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	const db = "github.com/duolite/duolite"
	_, err := run(dir, "go", "mod", "edit", "-require="+db+"@v0.0.0", "-replace="+db+"="+root)
	if err == nil {
		_, err = run(dir, "go", "mod", "tidy", "-e")
	}
	return err
}

// patchFile changes the calls in a file that open databases. It removes a file of another
// package, since such a file uses the names of the tested package.
func (s suite) patchFile(file, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if packageOf(text) != name {
		return os.Remove(file)
	}
	patched := s.patch(string(text))
	if strings.Contains(patched, "\t\"database/sql\"\n") {
		patched += "\nvar _ *sql.DB // the import may have no other use\n"
	}
	return errors.Join(os.Chmod(file, 0o644), os.WriteFile(file, []byte(patched), 0o644))
}

// packageName returns the name of the package with the most test files.
func packageName(files []string) (name string, err error) {
	count := make(map[string]int)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		found := packageOf(text)
		if count[found]++; count[found] > count[name] {
			name = found
		}
	}
	return name, nil
}

func packageOf(source []byte) string {
	parsed, err := parser.ParseFile(token.NewFileSet(), "", source, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return parsed.Name.Name
}

// download downloads a module and returns its folder.
func download(module string) (string, error) {
	out, err := run("", "go", "mod", "download", "-json", module)
	if err != nil {
		return "", err
	}
	var found struct{ Dir string }
	return found.Dir, errors.Join(json.Unmarshal(out, &found))
}

func (s suite) compile(dir string) (program string, err error) {
	program = filepath.Join(dir, "suite.test")
	_, err = run(dir, "go", "test", "-c", "-o", program, ".")
	return program, err
}

// run runs a go command outside of this module.
func run(dir string, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=1")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out, exit.Stderr)
	}
	return out, err
}

// noGit is a file system without the folder .git.
type noGit struct{ fs.FS }

func (n noGit) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(n.FS, name)
	kept := entries[:0]
	for _, entry := range entries {
		if entry.Name() != ".git" {
			kept = append(kept, entry)
		}
	}
	return kept, err
}
