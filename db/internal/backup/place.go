package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// sidecars are the endings of the files that belong to a database. A new database beside an old log would be
// destroyed by it.
var sidecars = []string{"-wal", "-shm", "-journal"}

// place calls write with a new file beside path, and gives the file its name if write succeeds. Otherwise it
// removes the file. The mode of the file is 0600.
func place(ctx context.Context, path string, replace bool, write func(*os.File) error) (err error) {
	if path, err = target(path, replace); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return openError(path, "can't be created", err)
	}
	defer os.Remove(file.Name()) // if it still has this name
	err = write(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return writeError(path, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := move(ctx, file.Name(), path, replace); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// target returns the path without links, and checks that a file may be placed there.
func target(path string, replace bool) (string, error) {
	if path == "" {
		return "", errors.New("the path of the new file is empty")
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return "", openError(path, "is a folder; name a file in it", nil)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil && !replace:
		return "", exists(path)
	case err == nil && !info.Mode().IsRegular():
		return "", openError(path, "is not a regular file", nil)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", openError(path, "can't be created", err)
	}
	if replace {
		return path, nil
	}
	for _, suffix := range sidecars {
		if _, err := os.Lstat(path + suffix); err == nil {
			return "", openError(path+suffix, "exists, and belongs to another database that was here; move it away, or allow the file to be replaced", fs.ErrExist)
		}
	}
	return path, nil
}

func exists(path string) error {
	return openError(path, "exists; choose another name, or allow the file to be replaced", fs.ErrExist)
}

// openError returns an error about a file.
func openError(path, problem string, cause error) error {
	var pathErr *fs.PathError
	switch {
	case errors.As(cause, &pathErr):
		problem = fmt.Sprintf("%s: %v", problem, pathErr.Err)
	case cause != nil && !errors.Is(cause, fs.ErrExist):
		problem = fmt.Sprintf("%s: %v", problem, cause)
	}
	return &engine.Error{
		Kind: engine.ErrCantOpen, Code: engine.CodeCantOpen,
		Message: engine.Escape(path + " " + problem), Err: cause,
	}
}

// writeError returns the error of writing a file, with the name that the file was to get. Other errors stay as they are.
func writeError(path string, err error) error {
	pathErr, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return err
	}
	out := &engine.Error{Code: engine.CodeIO, Message: engine.Escape(fmt.Sprintf("%s can't be written: %v", path, pathErr.Err)), Err: err}
	if isFull(pathErr.Err) {
		out.Kind, out.Code = engine.ErrFull, engine.CodeFull
	}
	return out
}

// move gives a file its name.
func move(ctx context.Context, from, to string, replace bool) error {
	if !replace {
		// A link, other than a rename, replaces no file that somebody has made meanwhile.
		switch err := os.Link(from, to); {
		case err == nil:
			return os.Remove(from)
		case errors.Is(err, fs.ErrExist):
			return exists(to)
		}
		if _, err := os.Lstat(to); err == nil { // a file system without links
			return exists(to)
		}
		return os.Rename(from, to)
	}
	release, err := sqlite.Occupy(ctx, to)
	if err != nil {
		return err
	}
	defer release()
	for _, suffix := range sidecars {
		if err := os.Remove(to + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return openError(to+suffix, "can't be removed", err)
		}
	}
	return os.Rename(from, to)
}
