package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tests returns the names of the tests that use database/sql alone. Such a test uses no name
// of the tested package, neither itself nor in a function that it calls.
func (s suite) tests(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p := sources{own: make(map[string]bool), tests: make(map[string]*declaration)}
	for _, file := range files {
		if err := p.add(file); err != nil {
			return nil, err
		}
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.tests)) {
		if d := p.tests[name]; isTest(d.node) && (s.all || !p.uses(name, make(map[string]bool))) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no tests in %s", dir)
	}
	return names, nil
}

// sources holds the names that a package declares.
type sources struct {
	own   map[string]bool         // declared outside of tests
	tests map[string]*declaration // declared in tests
}

// A declaration is a declaration in a test file, with the names in it that aren't local.
type declaration struct {
	node  ast.Node
	names []string
}

func (p *sources) add(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments)
	if err != nil {
		return err
	}
	imports := make(map[string]bool)
	for _, spec := range parsed.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = true
	}
	for name, node := range declared(parsed) {
		if !strings.HasSuffix(file, "_test.go") {
			p.own[name] = true
			continue
		}
		p.tests[name] = &declaration{node, namesIn(node, imports)}
	}
	return nil
}

// declared returns the declarations of a file by name.
func declared(file *ast.File) map[string]ast.Node {
	all := make(map[string]ast.Node)
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" {
				all[d.Name.Name] = d
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					all[spec.Name.Name] = d
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						all[name.Name] = d
					}
				}
			}
		}
	}
	return all
}

// namesIn returns the names in a declaration that are declared elsewhere. It omits local
// names, fields and methods.
func namesIn(node ast.Node, imports map[string]bool) (names []string) {
	fields := make(map[*ast.Ident]bool)
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			fields[n.Sel] = true
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				fields[key] = true
			}
		case *ast.Ident:
			local := n.Obj != nil && n.Obj.Pos() >= node.Pos() && n.Obj.Pos() < node.End()
			if !fields[n] && !local && !imports[n.Name] {
				names = append(names, n.Name)
			}
		}
		return true
	})
	return names
}

// uses reports whether a declaration in a test file uses a name of the tested package.
func (p *sources) uses(name string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	return slices.ContainsFunc(p.tests[name].names, func(used string) bool {
		if used == "driverName" { // a constant of modernc.org/sqlite
			return false
		}
		if p.tests[used] != nil {
			return p.uses(used, seen)
		}
		return p.own[used]
	})
}

// isTest reports whether a declaration is func TestX(*testing.T).
func isTest(node ast.Node) bool {
	f, ok := node.(*ast.FuncDecl)
	return ok && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" && len(f.Type.Params.List) == 1
}
