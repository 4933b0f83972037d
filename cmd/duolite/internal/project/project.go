// Package project writes new projects.
//
// The folder template is the project as it is written, with another import path. So it is compiled,
// tested and generated here, like every package of this module.
package project

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

//go:embed all:template
var files embed.FS

// templatePath is the import path of the template. The module path of a new project replaces it.
const templatePath = "github.com/duolite/duolite/cmd/duolite/internal/project/template"

// Options say which project [Create] writes.
type Options struct {
	// Dir is the folder of the project. It must be empty, or not exist in a folder that exists.
	Dir string
	// Module is the module path. The default is the name of the folder.
	Module string
	// Version is the version of duolite that the project requires.
	Version string
	// Replace is a folder with duolite's source that is used in place of Version, or "".
	Replace string
}

// Create writes a project, and returns its module path. If it fails, it leaves nothing behind. It runs the
// go command, which may have to download duolite's modules, and then says so on stderr.
func Create(ctx context.Context, o Options, stderr io.Writer) (module string, err error) {
	full, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", err
	}
	if o.Module == "" {
		o.Module = filepath.Base(full)
	}
	if o.Replace != "" {
		if o.Replace, err = source(o.Replace); err != nil {
			return "", err
		}
	}
	exists, err := isEmpty(full, o.Dir)
	if err != nil {
		return "", err
	}
	temp, err := makeTemp(full, exists)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	written := filepath.Join(temp, "project")
	if err := write(written, o.Module); err != nil {
		return "", err
	}
	if err := addModule(ctx, written, o, stderr); err != nil {
		return "", err
	}
	if exists {
		return o.Module, moveEntries(written, full)
	}
	return o.Module, os.Rename(written, full)
}

// source returns the absolute path of a folder that must have duolite's source.
func source(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.Contains(string(text), "module "+duolite+"\n") {
		return "", usage.Errorf("--replace: %s isn't a folder with the source of %s", dir, duolite)
	}
	return filepath.Abs(dir)
}

// isEmpty reports whether a folder exists. It is an error if something is in it, or at its place.
func isEmpty(dir, shown string) (exists bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		parent := filepath.Dir(dir)
		if info, err := os.Stat(parent); err != nil || !info.IsDir() {
			return false, usage.Errorf("%s: there is no folder %s: create it first", shown, parent)
		}
		return false, nil
	case err != nil:
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return false, usage.Errorf("%s is a file: name a folder that is empty or doesn't exist", shown)
		}
		return false, usage.Errorf("%v", err)
	case len(entries) > 0:
		return false, usage.Errorf("%s has %s: name a folder that is empty or doesn't exist", shown, list(entries))
	}
	return true, nil
}

// list names the first entries of a folder.
func list(entries []os.DirEntry) string {
	var names []string
	for _, entry := range entries[:min(3, len(entries))] {
		names = append(names, entry.Name())
	}
	text := strings.Join(names, ", ")
	if more := len(entries) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// makeTemp makes a temporary folder from which a rename into dir is possible: in it, or beside it if it
// doesn't exist.
func makeTemp(dir string, exists bool) (string, error) {
	if !exists {
		dir = filepath.Dir(dir)
	}
	return os.MkdirTemp(dir, ".duolite-new-")
}

// write writes the files of the template.
func write(dir, module string) error {
	return fs.WalkDir(files, "template", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(path, "template")))
		if entry.IsDir() {
			return os.Mkdir(to, 0o777)
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, []byte(strings.ReplaceAll(string(text), templatePath, module)), 0o666)
	})
}

// moveEntries moves the entries of a folder to an empty one. After an error it is empty again.
func moveEntries(from, to string) (err error) {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if err = os.Rename(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			for _, moved := range entries[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(to, moved.Name())))
			}
			return err
		}
	}
	return nil
}
