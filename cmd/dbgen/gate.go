package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/duolite/duolite/db/dbcheck"
)

const modulePath = "github.com/duolite/duolite"

// gateDir is the folder of the check's program. It is in the target's folder, so that it may
// import packages of an internal folder. It exists only in the compiler's overlay.
const gateDir = "dbgen-check"

//go:embed gate.go.tmpl
var gateText string

var gateTemplate = template.Must(template.New("").Parse(gateText))

// A gate compiles code that isn't written yet, and checks it.
type gate struct {
	w       *workspace
	t       *target
	folder  string // for its files
	overlay map[string]string
	shown   int // files in folder
}

// runGate adds the mistakes in the code of t to found. It lists on stderr the methods that it couldn't
// prove, and the plans of the queries on plans. partial: some queries are left out, so that code written
// by hand may miss their methods.
func runGate(ctx context.Context, w *workspace, t *target, s *source, server string, partial bool, found *findings, plans, stderr io.Writer) error {
	folder, err := os.MkdirTemp(w.temp, "gate-")
	if err != nil {
		return err
	}
	g := &gate{w: w, t: t, folder: folder, overlay: map[string]string{}}
	if err := g.addTarget(); err != nil {
		return err
	}
	importPath, err := g.importPath(ctx)
	if err != nil {
		return err
	}
	program, err := g.build(ctx, importPath)
	switch lines := g.mistakes(err); {
	case len(lines) > 0 && partial:
		fmt.Fprintf(stderr, "dbgen: %s: its methods can't be checked, as it doesn't compile without the queries that sqlc refuses\n", shown(t.dir))
		return nil
	case len(lines) > 0:
		found.addLines(lines...)
		return nil
	case err != nil:
		return err
	}
	out, err := g.run(ctx, program, s.schema, s.queries, server)
	if err != nil {
		return err
	}
	var report dbcheck.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		return fmt.Errorf("the check of %s printed %q: %w", shown(t.dir), out, err)
	}
	s.add(found, gateStep, report.Findings)
	notes(report, shown(t.dir), stderr)
	s.printPlans(plans, report.Plans)
	return t.addLists(report.Lists)
}

// notes prints the extent of the check, and the methods about which something isn't known.
func notes(report dbcheck.Report, dir string, stderr io.Writer) {
	fmt.Fprintf(stderr, "dbgen: %s: %d methods checked\n", dir, report.Methods)
	if len(report.ServerOnly) > 0 {
		fmt.Fprintf(stderr, "dbgen: %s: only the server compiles these. Their arguments are proven; look by hand whether NULL and each value fits into the Go types of their columns: %s\n",
			dir, strings.Join(report.ServerOnly, ", "))
	}
	if len(report.Unseen) > 0 {
		fmt.Fprintf(stderr, "dbgen: %s: these returned no row for any data that was tried. Their arguments are proven; look by hand whether NULL and each value fits into the Go types of their columns: %s\n",
			dir, strings.Join(report.Unseen, ", "))
	}
	if len(report.Untyped) > 0 {
		fmt.Fprintf(stderr, "dbgen: %s: these are interface{} in Go, as sqlc knows no type for them; a CAST in the query gives them one: %s\n",
			dir, strings.Join(report.Untyped, ", "))
	}
}

// addTarget shows the compiler the generated code as if it were written, and without the other files
// of the package: the gate needs none of them, unless they have types that the code uses.
func (g *gate) addTarget() error {
	files := exported(g.t.files)
	for _, name := range g.t.names() {
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
	if g.t.isMain {
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
		return "", badUsage("the module of %s doesn't have %s, whose check it needs: go get %s (%s)", shown(g.t.dir), modulePath, modulePath, strings.TrimSpace(out))
	}
	return g.compiler(ctx, "list", "-f", "{{.ImportPath}}", g.t.dir)
}

// build compiles the program, and returns its path. It tries the generated code alone, then with
// the files written by hand, then without the files among them that don't compile: they may be older than
// the queries.
func (g *gate) build(ctx context.Context, importPath string) (program string, err error) {
	var text bytes.Buffer
	data := map[string]any{"ImportPath": importPath, "DBArgument": g.t.dbArgument, "TokenName": tokenName}
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
	lines := g.mistakes(err)
	if len(lines) == 0 {
		return false
	}
	var found findings
	found.addLines(lines...)
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
	var failed findingsError
	if !errors.As(err, &failed) {
		return nil
	}
	for _, line := range failed.lines {
		if m := place.FindStringSubmatch(line); m != nil && filepath.Dir(shown(m[1])) == shown(g.t.dir) {
			lines = append(lines, line)
		}
	}
	return lines
}

func (g *gate) run(ctx context.Context, program string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := command(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", g.failed(ctx, "the check", stderr.String(), err)
	}
	return stdout.String(), nil
}

// goCommand runs go in the target's module. It returns the output, or the error output if the
// command fails.
func (g *gate) goCommand(ctx context.Context, args ...string) (string, error) {
	cmd := command(ctx, "go", args...)
	cmd.Dir = existing(g.t.dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stderr.String(), err
	}
	return stdout.String(), nil
}

// failed is the error of a step that said out.
func (g *gate) failed(ctx context.Context, step, out string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// Go shortens paths.
	if rel, err := filepath.Rel(existing(g.t.dir), g.w.sql); err == nil {
		out = strings.ReplaceAll(out, rel+string(filepath.Separator), g.w.sql+string(filepath.Separator))
	}
	lines := strings.Split(strings.TrimSpace(g.w.real(out)), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "go: downloading ") })
	return findingsError{lines, fmt.Sprintf("%s of %s: %v; nothing is written", step, shown(g.t.dir), err)}
}

// existing returns the nearest folder above path, or path, that there is.
func existing(path string) string {
	for {
		if info, err := os.Stat(path); err == nil && info.IsDir() || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}
