package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/duolite/duolite/db/internal/sqlite/vfs"
)

// A FileError says why a file can't be opened as a database.
type FileError struct {
	Path    string
	Problem string
	Err     error // the operating system's, or nil
}

func (e *FileError) Error() string {
	return e.Path + " " + e.Problem
}

func (e *FileError) Unwrap() error {
	return e.Err
}

func fileError(path, problem string) error {
	return &FileError{Path: path, Problem: problem}
}

// prepareFile makes a new file that only its owner can read, and returns a clear error where SQLite
// would say "unable to open database file". SQLite gives the log the same mode. file is the absolute
// path; errors have path, as the user wrote it.
func prepareFile(file, path string, mode Mode) error {
	vfs.Creating.Lock()
	defer vfs.Creating.Unlock()
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && mode == ReadWriteCreate:
		return create(file, path)
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{path, "doesn't exist (mode=" + string(mode) + " creates nothing)", err}
	case err != nil:
		return &FileError{path, fmt.Sprintf("can't be opened: %v", cause(err)), err}
	case info.IsDir():
		return fileError(path, "is a folder; name a file in it")
	case !info.Mode().IsRegular():
		return fileError(path, "is not a regular file")
	}
	return nil
}

func create(file, path string) error {
	flags := os.O_RDWR | os.O_CREATE | os.O_EXCL
	if info, err := os.Lstat(file); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		flags &^= os.O_EXCL // it leads to a file that doesn't exist yet
	}
	created, err := os.OpenFile(file, flags, vfs.PrivateMode)
	switch {
	case err == nil:
		return created.Close()
	case errors.Is(err, fs.ErrExist):
		return nil // another process was faster
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{path, fmt.Sprintf("can't be created: the folder %s doesn't exist", filepath.Dir(path)), err}
	default:
		return &FileError{path, fmt.Sprintf("can't be created: %v", cause(err)), err}
	}
}

// cause returns an error of package os without its operation and path.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// immutableName returns the URI by which SQLite reads a file without locks and without a log.
// https://sqlite.org/uri.html#uriimmutable
func immutableName(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/app.db
		path = "/" + path
	}
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?immutable=1"
}

// refuseUnread fails if a log or a journal next to a file has changes. With immutable=1 SQLite reads
// neither.
func refuseUnread(real, shown string) error {
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(real + suffix); err == nil && info.Size() > 0 {
			return fileError(shown, "can't be read with immutable=1: next to it is "+shown+suffix+" with changes that wouldn't be seen; "+
				"open it once where it can be written, and close it there, so that the file has them all")
		}
	}
	return nil
}
