package gen

import (
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/duolite/duolite/cmd/duolite/internal/dynamic"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db/dbcheck"
)

// mirrorDynamic changes the queries in the workspace to the form that sqlc reads. It returns the dynamic
// queries of each of our blocks.
func mirrorDynamic(c *config, w *workspace, all bool) ([]*dynamic.Sources, error) {
	var blocks []*dynamic.Sources
	for _, b := range c.ours() {
		sources := &dynamic.Sources{All: all}
		blocks = append(blocks, sources)
		for _, file := range b.queryFiles {
			text, err := os.ReadFile(w.inside(file))
			if err != nil {
				return nil, err
			}
			if mirror := sources.Add(filepath.Base(file), string(text)); mirror != string(text) {
				if err := w.write(file, []byte(mirror)); err != nil {
					return nil, err
				}
			}
		}
	}
	return blocks, nil
}

// markDynamic adds the comment db:dynamic to the copies of the queries with decided conditions.
func (s *source) markDynamic() error {
	sources := &dynamic.Sources{All: true}
	for name := range s.files {
		path := filepath.Join(s.queries, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(sources.Mark(string(text))), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// restoreDynamic gives the texts in the code of sqlc the form of the source, and adds the constants to
// files.
func restoreDynamic(c *config, blocks []*dynamic.Sources, files map[string][]byte, found *findings) error {
	for i, b := range c.ours() {
		dir := filepath.Join(c.dir, b.Gen.Go.Out)
		code := goFiles(files, dir)
		if err := blocks[i].Restore(code); err != nil {
			found.addLines(err.Error())
			continue
		}
		taken, _, err := declared(dir, code)
		if err != nil {
			return err
		}
		constants, err := blocks[i].Constants(taken)
		if err != nil {
			return err
		}
		maps.Copy(code, constants)
		for name, text := range code {
			files[filepath.Join(dir, name)] = text
		}
	}
	return nil
}

// declared returns the names that code declares, and the files in its folder that were written by hand, which
// it also returns.
func declared(dir string, code map[string][]byte) (names map[string]bool, byHand map[string][]byte, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	names, byHand = map[string]bool{}, map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		if !generated.Match(text) {
			byHand[filepath.Base(path)] = text
		}
	}
	for _, files := range []map[string][]byte{code, byHand} {
		for name, text := range files {
			tree, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
			if err != nil {
				continue // the compiler says it
			}
			for object := range tree.Scope.Objects {
				names[object] = true
			}
		}
	}
	return names, byHand, nil
}

// addLists adds the file with the texts of CHECKs.
func (t *target) addLists(lists []dbcheck.List) error {
	taken, byHand, err := declared(t.dir, t.files)
	if err != nil {
		return err
	}
	text, err := dynamic.Lists(t.packageName, lists, taken)
	if err != nil || text == nil {
		return err
	}
	if _, hand := byHand[dynamic.ListsFile]; hand {
		return usage.Errorf("%s: duolite gen hasn't written it, and the texts of CHECKs would take its place: rename it", shown(filepath.Join(t.dir, dynamic.ListsFile)))
	}
	t.files[dynamic.ListsFile] = text
	t.gone = slices.DeleteFunc(t.gone, func(name string) bool { return name == dynamic.ListsFile })
	return nil
}
