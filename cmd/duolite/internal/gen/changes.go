package gen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// A change is a file that has to be written or removed.
type change struct {
	path string
	text []byte // nil: it has to be removed
	is   string // its state now, for a message
}

// changesTo returns the changes after which all files are there, and none that the targets shouldn't have.
func changesTo(files map[string][]byte, targets []*target) ([]change, error) {
	var changes []change
	for _, path := range slices.Sorted(maps.Keys(files)) {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			changes = append(changes, change{path, files[path], "is missing"})
		case err != nil:
			return nil, err
		case !bytes.Equal(text, files[path]):
			changes = append(changes, change{path, files[path], "isn't up to date" + writtenBy(text, files[path])})
		}
	}
	for _, t := range targets {
		for _, name := range t.gone {
			changes = append(changes, change{filepath.Join(t.dir, name), nil, "is left over: no query gives it"})
		}
	}
	return changes, nil
}

// release finds the release of sqlc that has written a file.
var release = regexp.MustCompile(`(?m)^//\s+sqlc (v\S+)$`)

// writtenBy names the release of sqlc that has written a file, if another one is running.
func writtenBy(text, instead []byte) string {
	was, is := release.FindSubmatch(text), release.FindSubmatch(instead)
	if was == nil || is == nil || bytes.Equal(was[1], is[1]) {
		return ""
	}
	return fmt.Sprintf(" (sqlc %s has written it, and this is %s)", was[1], is[1])
}

// apply writes and removes the files.
func apply(changes []change, stdout io.Writer) error {
	for _, c := range changes {
		if c.text == nil {
			if err := os.Remove(c.path); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "removed %s\n", shown(c.path))
			continue
		}
		if err := replaceFile(c.path, c.text); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "wrote %s\n", shown(c.path))
	}
	return nil
}
