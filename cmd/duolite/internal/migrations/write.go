package migrations

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
)

// Write writes the files to a folder, all or none, and returns the paths of the new ones. A file that is
// there already with the same text stays; one with another text is an error, as is a second file with a
// number.
func (i *Import) Write(folder string) ([]string, error) {
	missing, err := i.missing(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	var written []string
	for _, file := range missing {
		path := filepath.Join(folder, file.Name)
		if err := WriteNew(path, file.Text); err != nil {
			Remove(written)
			return nil, err
		}
		written = append(written, path)
	}
	return written, nil
}

// Remove removes files that Write has written.
func Remove(paths []string) {
	for _, path := range paths {
		os.Remove(path)
	}
}

// missing returns the files that the folder doesn't have.
func (i *Import) missing(folder string) ([]File, error) {
	byNumber, err := Numbered(folder)
	if err != nil {
		return nil, err
	}
	var missing []File
	for _, file := range i.Files {
		path := filepath.Join(folder, file.Name)
		text, err := os.ReadFile(path)
		switch other := byNumber[file.Version]; {
		case file.Version == 0:
			return nil, fmt.Errorf("%s has the number 0, which goose leaves out; number the files from 1", file.Name)
		case other != "" && other != file.Name:
			return nil, fmt.Errorf("%s and %s would have the same number; give one another number, or name another folder with --dir", path, other)
		case err == nil && string(text) == file.Text:
		case err == nil:
			return nil, fmt.Errorf("%s exists, with another text; nothing is overwritten", path)
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, file)
		default:
			return nil, err
		}
	}
	return missing, nil
}

// Numbered returns the names of the migrations in a folder, by their numbers. There are none without the folder.
func Numbered(folder string) (map[int64]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	byNumber := map[int64]string{}
	for _, entry := range entries {
		if number, err := goose.NumericComponent(entry.Name()); err == nil && !entry.IsDir() {
			byNumber[number] = entry.Name()
		}
	}
	return byNumber, nil
}
