package gen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

// addTarget shows the compiler the generated code as if it were written, and without the other files
// of the package: the gate needs none of them, unless they have types that the code uses.
func (g *gate) addTarget() error {
	files := exported(g.t.files)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		clean := g.w.inside(filepath.Join(g.t.dir, name))
		if err := writeFile(clean, files[name]); err != nil {
			return err
		}
		if err := g.showAs(name, clean, files[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Concat(g.t.gone, g.t.others) {
		g.overlay[filepath.Join(g.t.dir, name)] = ""
	}
	return nil
}

// addOthers shows the compiler the files of the package that were written by hand, too.
func (g *gate) addOthers() error {
	for _, name := range g.t.others {
		path := filepath.Join(g.t.dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := g.showAs(name, g.w.inside(path), text); err != nil {
			return err
		}
	}
	return nil
}

// showAs has the compiler find a text under a name in the target, and report mistakes in file.
// The check reads the names of parameters in that file. A package main gets another name, as it
// couldn't be imported.
func (g *gate) showAs(name, file string, text []byte) error {
	if g.t.packageName == "main" {
		text = inPackage(text, "checked")
	}
	return g.show(filepath.Join(g.t.dir, name), fmt.Appendf(nil, "//line %s:1\n%s", filepath.ToSlash(file), text))
}

// inPackage returns a source with another package clause.
func inPackage(text []byte, name string) []byte {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "", text, parser.PackageClauseOnly)
	if err != nil {
		return text // the compiler says why
	}
	at := files.Position(parsed.Name.Pos()).Offset
	return slices.Concat(text[:at], []byte(name), text[at+len(parsed.Name.Name):])
}

// show has the compiler find text at path.
func (g *gate) show(path string, text []byte) error {
	g.shown++
	file := filepath.Join(g.folder, fmt.Sprint(g.shown), filepath.Base(path))
	g.overlay[path] = file
	return writeFile(file, text)
}

// importPath is how the program imports the target.
func (g *gate) importPath(ctx context.Context) (string, error) {
	if out, err := g.goCommand(ctx, "list", "-m", modulePath); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", usage.Errorf("the module of %s doesn't have %s, whose check it needs: go get %s (%s)", shown(g.t.dir), modulePath, modulePath, strings.TrimSpace(out))
	}
	return g.compiler(ctx, "list", "-f", "{{.ImportPath}}", g.t.dir)
}

// build compiles the program, and returns its path. It tries the generated code alone, then with
// the files written by hand, then without the files among them that don't compile: they may be older than
// the queries.
func (g *gate) build(ctx context.Context, importPath string) (program string, err error) {
	var text bytes.Buffer
	data := map[string]any{"ImportPath": importPath, "DBArgument": g.t.dbArgument, "TokenName": tokenName}
	data["OptionsPath"], data["OptionsFunc"] = splitOpenWith(g.openWith)
	if err := gateTemplate.Execute(&text, data); err != nil {
		return "", err
	}
	dir := filepath.Join(g.t.dir, gateDir)
	if err := g.show(filepath.Join(dir, "main.go"), text.Bytes()); err != nil {
		return "", err
	}
	program = filepath.Join(g.folder, "check.exe") // Windows wants the ending, others don't mind
	compile := func() error {
		_, err := g.compiler(ctx, "build", "-o", program, dir)
		return err
	}
	err = compile()
	if len(g.mistakes(err)) == 0 || len(g.t.others) == 0 {
		return program, err
	}
	if err := g.addOthers(); err != nil {
		return "", err
	}
	for err = compile(); g.leaveOut(err); {
		if compile() == nil {
			return program, nil
		}
	}
	return program, err
}

// leaveOut leaves out the files written by hand that an error names. It reports whether there are
// some.
func (g *gate) leaveOut(err error) (any bool) {
	found := linesFound(g.mistakes(err))
	for _, name := range g.t.others {
		path := filepath.Join(g.t.dir, name)
		if g.overlay[path] != "" && slices.ContainsFunc(found, func(one finding) bool { return one.file == shown(path) }) {
			g.overlay[path] = ""
			any = true
		}
	}
	return any
}

// compiler runs a command of go that sees the code as if it were written.
func (g *gate) compiler(ctx context.Context, verb string, args ...string) (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": g.overlay})
	if err != nil {
		return "", err
	}
	file := filepath.Join(g.folder, "overlay.json")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return "", err
	}
	out, err := g.goCommand(ctx, append([]string{verb, "-overlay=" + file}, args...)...)
	if err != nil {
		return "", g.failed(ctx, "go "+verb, out, err)
	}
	return strings.TrimSpace(out), nil
}

// mistakes returns the lines of an error about places in the target's code. There are none if the error is
// about the set-up.
func (g *gate) mistakes(err error) (lines []string) {
	failed, _ := errors.AsType[usage.Findings](err)
	for _, line := range failed.Lines {
		if m := place.FindStringSubmatch(line); m != nil && filepath.Dir(shown(m[1])) == shown(g.t.dir) {
			lines = append(lines, line)
		}
	}
	return lines
}

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
