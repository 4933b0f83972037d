package main

import (
	"io/fs"
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

// below returns the SQL files in folders of the folders of p, which sqlc doesn't read, and
// which nothing else of the configuration names.
func (c *config) below(p paths) (below []string, err error) {
	read := map[string]bool{}
	for _, b := range c.Blocks {
		for _, more := range []paths{b.Schema, b.Queries} {
			files, err := more.files(c.dir)
			if err != nil {
				return nil, err
			}
			for _, file := range files {
				read[file] = true
			}
		}
	}
	for _, path := range p {
		root := filepath.Join(c.dir, path)
		if info, err := os.Stat(root); err != nil || !info.IsDir() {
			continue // a file, or a pattern
		}
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(file, ".sql") && filepath.Dir(file) != root && !read[file] {
				below = append(below, file)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return below, nil
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
		// sqlc leaves out hidden files, and golang-migrate's way back.
		if strings.HasSuffix(name, ".sql") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".down.sql") {
			files = append(files, filepath.Join(path, name))
		}
	}
	return files, nil
}
