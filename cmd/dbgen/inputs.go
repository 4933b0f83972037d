package main

import (
	"os"
	"path/filepath"
	"strings"
)

// files returns the SQL files that sqlc reads for p, in its order; dir is where relative
// paths begin. A path is a file, a folder without those below, or a pattern of either.
func (p paths) files(dir string) ([]string, error) {
	var files []string
	for _, path := range p {
		if path == "" || filepath.IsAbs(path) {
			return nil, badUsage("%q: want a path from the folder of sqlc's configuration", path)
		}
		matches := []string{filepath.Join(dir, path)}
		if strings.ContainsAny(path, "*?[]") {
			var err error
			if matches, err = filepath.Glob(matches[0]); err != nil {
				return nil, badUsage("%s: %v", path, err)
			}
		}
		for _, match := range matches {
			more, err := filesAt(match)
			if err != nil {
				return nil, badUsage("%v", err)
			}
			files = append(files, more...)
		}
	}
	return files, nil
}

func filesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		name := entry.Name()
		// What sqlc leaves out: hidden files, and golang-migrate's way back.
		if strings.HasSuffix(name, ".sql") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".down.sql") {
			files = append(files, filepath.Join(path, name))
		}
	}
	return files, nil
}
