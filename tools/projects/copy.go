package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// sqlite finds the engine in a configuration, in YAML or JSON.
var sqlite = regexp.MustCompile(`engine"?\s*:\s*["']?sqlite`)

// goCode finds an entry for Go code: gen.go, or a package in version 1.
var goCode = regexp.MustCompile(`(?m)\bgo"?\s*:|^\s*"?packages"?\s*:`)

// leftOut are folders without code of the project.
var leftOut = []string{".git", "node_modules", "vendor"}

// findConfigs returns sqlc's configurations for SQLite and Go, relative to folder.
func findConfigs(folder string) (configs []string, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(leftOut, entry.Name()):
			return fs.SkipDir
		case !strings.HasPrefix(entry.Name(), "sqlc") || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)):
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && sqlite.Match(text) && goCode.Match(text) {
			path, err = filepath.Rel(folder, path)
			configs = append(configs, path)
		}
		return err
	})
	return configs, err
}

// copyFolder copies a checkout, without links and without the folders that are left out.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case entry.IsDir() && path != from && slices.Contains(leftOut, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}

// requireDuolite changes the go.mod files of a copy. They also get the version of Go that this repository
// needs. With bare they lose all other requirements.
func requireDuolite(folder, repo string, bare bool) error {
	const module = "github.com/duolite/duolite"
	sums, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		return err
	}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "go.mod" {
			return err
		}
		if bare {
			if err := withoutRequirements(path); err != nil {
				return err
			}
		}
		edit := exec.Command("go", "mod", "edit", "-go=1.26.0", "-toolchain=none", "-require="+module+"@v0.0.0", "-replace="+module+"="+repo)
		edit.Dir, edit.Env = filepath.Dir(path), append(os.Environ(), "GOWORK=off")
		if out, err := edit.CombinedOutput(); err != nil {
			return errors.New(string(out))
		}
		sum := filepath.Join(filepath.Dir(path), "go.sum")
		own, err := os.ReadFile(sum)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.WriteFile(sum, slices.Concat(own, []byte("\n"), sums), 0o644)
	})
}

// withoutRequirements leaves only the module's name in a go.mod.
func withoutRequirements(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(moduleLine.FindString(string(text))+"\n"), 0o644)
}

var moduleLine = regexp.MustCompile(`(?m)^module .*$`)
