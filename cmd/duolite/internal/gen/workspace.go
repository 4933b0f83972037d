package gen

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A workspace is a temporary folder with the configuration and the SQL, each where it
// is relative to the others, for sqlc to write into.
type workspace struct {
	temp string
	root string          // the folder that temp stands for: it contains all files
	sql  string          // the folder of temp that it is in
	read map[string]bool // the files of sql that were copied there
	// schema are the copies of the schema's files, with their originals.
	schema map[string]string
}

// newWorkspace makes one. The caller removes it.
func newWorkspace(c *config) (*workspace, error) {
	w := &workspace{root: c.dir, read: map[string]bool{}, schema: map[string]string{}}
	var files []string
	schema := map[string]bool{}
	for _, b := range c.ours() {
		for _, file := range b.schemaFiles {
			schema[file] = true
		}
		files = slices.Concat(files, b.schemaFiles, b.queryFiles)
		w.include(filepath.Join(c.dir, b.Gen.Go.Out))
	}
	for _, file := range files {
		w.include(filepath.Dir(file))
	}
	config, err := c.ourText()
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "duolite-")
	if err != nil {
		return nil, err
	}
	// A name for messages has to be the one that sqlc has.
	if w.temp, err = filepath.EvalSymlinks(temp); err != nil {
		return nil, err
	}
	w.sql = filepath.Join(w.temp, "sql")
	err = w.write(c.absolute(), config)
	for i := 0; err == nil && i < len(files); i++ {
		var text []byte
		if text, err = readSQL(files[i]); err != nil {
			break
		}
		if schema[files[i]] {
			text = []byte(schemaForSQLC(string(text)))
			w.schema[w.inside(files[i])] = files[i]
		}
		err = w.write(files[i], text)
	}
	if err != nil {
		w.remove()
		return nil, err
	}
	return w, nil
}

func (w *workspace) remove() {
	os.RemoveAll(w.temp)
}

// include moves root up, until folder is in it.
func (w *workspace) include(folder string) {
	for {
		rel, err := filepath.Rel(w.root, folder)
		if err == nil && filepath.IsLocal(rel) || w.root == filepath.Dir(w.root) {
			return
		}
		w.root = filepath.Dir(w.root)
	}
}

// inside returns where path, which is in root, is in the workspace.
func (w *workspace) inside(path string) string {
	rel, err := filepath.Rel(w.root, path)
	if err != nil {
		return path
	}
	return filepath.Join(w.sql, rel)
}

// write gives sqlc a text to read for a file.
func (w *workspace) write(file string, text []byte) error {
	to := w.inside(file)
	w.read[to] = true
	return writeFile(to, text)
}

// outputs returns the files that sqlc has written, by the absolute paths at which they should
// be.
func (w *workspace) outputs() (map[string][]byte, error) {
	outputs := map[string][]byte{}
	err := filepath.WalkDir(w.sql, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || w.read[path] {
			return err
		}
		rel, err := filepath.Rel(w.sql, path)
		if err != nil {
			return err
		}
		outputs[filepath.Join(w.root, rel)], err = os.ReadFile(path)
		return err
	})
	return outputs, err
}

// real replaces paths of the workspace in a text by those that they stand for.
func (w *workspace) real(text string) string {
	const separator = string(filepath.Separator)
	root := strings.TrimPrefix(shown(w.root)+separator, "."+separator)
	return strings.ReplaceAll(text, w.sql+separator, root)
}

// writeFile writes a file, and makes its folder.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// replaceFile writes a file that is whole at every moment, the old one or the new.
func replaceFile(path string, text []byte) error {
	part := path + ".part"
	err := writeFile(part, text)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// shown is a path as a message has it: from the current folder, unless that is longer.
func shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, full); err == nil && len(rel) < len(full) {
		return rel
	}
	return full
}
