package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/cmd/dbgen/internal/dynamic"
)

// mirrorDynamic changes the queries in the workspace to the form that sqlc reads, of each block of
// ours. It returns the sources by the index of the block.
func mirrorDynamic(c *config, w *workspace, all bool) (map[int]*dynamic.Sources, error) {
	sources := map[int]*dynamic.Sources{}
	for i, b := range c.Blocks {
		if !b.ours() {
			continue
		}
		files, err := b.Queries.files(c.dir)
		if err != nil {
			return nil, err
		}
		sources[i] = &dynamic.Sources{All: all}
		for _, file := range files {
			path := w.inside(file)
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			mirror := sources[i].Add(filepath.Base(file), string(text))
			if mirror == string(text) {
				continue
			}
			if err := os.WriteFile(path, []byte(mirror), 0o666); err != nil {
				return nil, err
			}
		}
	}
	return sources, nil
}

// restoreDynamic gives the texts in the code of sqlc the form of the source, and adds the constants to
// files.
func restoreDynamic(c *config, sources map[int]*dynamic.Sources, files map[string][]byte) error {
	for i, s := range sources {
		dir := filepath.Join(c.dir, c.Blocks[i].Gen.Go.Out)
		code := map[string][]byte{}
		for path, text := range files {
			if filepath.Dir(path) == dir {
				code[filepath.Base(path)] = text
			}
		}
		if err := s.Restore(code); err != nil {
			return findingsError{[]string{err.Error()}, "nothing is written"}
		}
		constants, err := s.Constants(c.Blocks[i].Gen.Go.packageName(), declared(code))
		if err != nil {
			return err
		}
		for name, text := range constants {
			code[name] = text
		}
		for name, text := range code {
			files[filepath.Join(dir, name)] = text
		}
	}
	return nil
}

// declared returns the names that Go files declare.
func declared(files map[string][]byte) map[string]bool {
	names := map[string]bool{}
	for name, text := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			continue // the compiler says it
		}
		for _, decl := range tree.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names[decl.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}
