package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// exported returns the generated files with exported methods: the check can't call others. A query whose
// name begins with a small letter has such a method. Only the check sees the change.
func exported(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, text := range files {
		out[name] = text
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			continue // the compiler says why
		}
		text = slices.Clone(text)
		ast.Inspect(parsed, func(n ast.Node) bool {
			for _, id := range methodNames(n) {
				export(text, set.Position(id.Pos()).Offset, id.Name)
			}
			return true
		})
		out[name] = text
	}
	return out
}

// methodNames returns the names of methods that a node declares: of Queries, or of an interface. It
// leaves out the helpers of sqlc, which take any number of arguments.
func methodNames(n ast.Node) (names []*ast.Ident) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Recv != nil && !isVariadic(n.Type) {
			names = append(names, n.Name)
		}
	case *ast.InterfaceType:
		for _, method := range n.Methods.List {
			if t, ok := method.Type.(*ast.FuncType); ok && !isVariadic(t) {
				names = append(names, method.Names...)
			}
		}
	}
	return names
}

func isVariadic(t *ast.FuncType) bool {
	return slices.ContainsFunc(t.Params.List, func(f *ast.Field) bool {
		_, ok := f.Type.(*ast.Ellipsis)
		return ok
	})
}

// export writes a name in a text with a capital letter, unless that takes another number of bytes.
func export(text []byte, at int, name string) {
	first, size := utf8.DecodeRuneInString(name)
	if capital := unicode.ToUpper(first); utf8.RuneLen(capital) == size {
		copy(text[at:], strings.Replace(name, string(first), string(capital), 1))
	}
}
