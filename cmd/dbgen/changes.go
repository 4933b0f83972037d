package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// A change is a file that has to be written or removed.
type change struct {
	path string
	text []byte // nil: it has to be removed
	is   string // its state now, for a message
}

// changesTo returns the changes after which all files are there, and none of gone.
func changesTo(files map[string][]byte, gone []string) ([]change, error) {
	var changes []change
	for _, path := range slices.Sorted(maps.Keys(files)) {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			changes = append(changes, change{path, files[path], "is missing"})
		case err != nil:
			return nil, err
		case !bytes.Equal(text, files[path]):
			changes = append(changes, change{path, files[path], "isn't up to date"})
		}
	}
	for _, path := range gone {
		changes = append(changes, change{path, nil, "is left over: no query gives it"})
	}
	return changes, nil
}

// drift returns an error about changes, or nil if there are none.
func drift(changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s %s", shown(c.path), c.is))
	}
	return findingsError{lines, "the code isn't up to date with the queries: run dbgen without --check"}
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

// gonePaths returns the paths of the files that targets shouldn't have.
func gonePaths(targets []*target) []string {
	var gone []string
	for _, t := range targets {
		for _, name := range t.gone {
			gone = append(gone, filepath.Join(t.dir, name))
		}
	}
	return gone
}
