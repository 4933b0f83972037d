// Package migrations works on a folder of migrations in goose's form: it finds the folder, adds a file to
// it, and takes over the files of golang-migrate and dbmate.
package migrations

import (
	"io/fs"
	"os"
	"slices"
)

// Folders are the folders that [Folder] looks for, the default first.
var Folders = []string{"schema", "migrations"}

// Folder returns the given folder, or else the default: schema, or migrations if only that exists.
func Folder(given string) string {
	if given != "" {
		return given
	}
	for _, name := range Folders {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return name
		}
	}
	return Folders[0]
}

// Only returns files with only the given names in its root folder.
func Only(files fs.FS, names []string) fs.FS {
	return onlyFS{files, names}
}

type onlyFS struct {
	fs.FS
	names []string
}

func (f onlyFS) Open(name string) (fs.File, error) {
	if name != "." && !slices.Contains(f.names, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f.FS.Open(name)
}

func (f onlyFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.FS, name)
	return slices.DeleteFunc(entries, func(entry fs.DirEntry) bool { return !slices.Contains(f.names, entry.Name()) }), err
}
