package seq

import (
	"go/ast"
	"go/token"
)

// A pkg is the files of a package.
type pkg []*file

// checkNames looks for names that an iterator can't have beside it.
func (p pkg) checkNames() error {
	methods := map[string]bool{}
	for _, f := range p {
		for name := range f.methods {
			methods[name] = true
		}
	}
	for _, f := range p {
		for name, text := range f.queries {
			if text.command != ":many" {
				continue
			}
			if f.methods[name] == nil {
				return f.errorAt(text.value, name, "it is a :many, and there is no method of that name here")
			}
			if methods[name+Suffix] {
				return f.errorAt(f.methods[name].Name, name, "its iterator would be "+name+Suffix+", and there is a query of that name: rename one")
			}
		}
		for _, decl := range f.tree.Decls {
			if at := declares(decl, "iter"); at != nil {
				return f.errorAt(at, "", "iter is declared here, which is the package that iterators need: rename the query or table")
			}
		}
	}
	return nil
}

// declares returns where decl declares name for the package, or nil.
func declares(decl ast.Decl, name string) ast.Node {
	general, ok := decl.(*ast.GenDecl)
	if !ok || general.Tok == token.IMPORT {
		return nil
	}
	for _, spec := range general.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.Name == name {
				return spec.Name
			}
		case *ast.ValueSpec:
			for _, ident := range spec.Names {
				if ident.Name == name {
					return ident
				}
			}
		}
	}
	return nil
}

// unused returns name, or name with underscores if node says name.
func unused(node ast.Node, name string) string {
	taken := map[string]bool{}
	ast.Inspect(node, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok {
			taken[ident.Name] = true
		}
		return true
	})
	for taken[name] {
		name += "_"
	}
	return name
}
