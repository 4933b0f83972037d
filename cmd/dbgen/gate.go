package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
}

// runGate returns an error about the mistakes in the code of t. It lists on stderr the methods that
// it couldn't prove.
func runGate(ctx context.Context, w *workspace, t *target, s *source, server string, stderr io.Writer) error {
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
	if err != nil {
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
	if err := s.failOn(report.Findings); err != nil {
		return err
	}
	if len(report.ServerOnly) > 0 {
		fmt.Fprintf(stderr, "dbgen: %s: only the server compiles these, so look by hand whether NULL and each value fits into their Go types: %s\n",
			shown(t.dir), strings.Join(report.ServerOnly, ", "))
	}
	if len(report.Unseen) > 0 {
		fmt.Fprintf(stderr, "dbgen: %s: no data that was tried made these return a row, so look by hand whether NULL and each value fits into their Go types: %s\n",
			shown(t.dir), strings.Join(report.Unseen, ", "))
	}
	return nil
}

// addTarget shows the compiler the code as if it were written.
func (g *gate) addTarget() error {
	for _, name := range g.t.names() {
		clean := g.w.inside(filepath.Join(g.t.dir, name))
		if err := writeFile(clean, g.t.files[name]); err != nil {
			return err
		}
		// The check reads the names of parameters where the program says that its
		// source is.
		text := fmt.Sprintf("//line %s:1\n%s", filepath.ToSlash(clean), g.t.files[name])
		if err := g.show(filepath.Join(g.t.dir, name), []byte(text)); err != nil {
			return err
		}
	}
	for _, name := range g.t.gone {
		g.overlay[filepath.Join(g.t.dir, name)] = ""
	}
	return nil
}

// show has the compiler find text at path.
func (g *gate) show(path string, text []byte) error {
	file := filepath.Join(g.folder, fmt.Sprint(len(g.overlay)), filepath.Base(path))
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

// build compiles the program, and returns its path.
func (g *gate) build(ctx context.Context, importPath string) (string, error) {
	var text bytes.Buffer
	data := map[string]any{"ImportPath": importPath, "DBArgument": g.t.dbArgument, "TokenName": tokenName}
	if err := gateTemplate.Execute(&text, data); err != nil {
		return "", err
	}
	dir := filepath.Join(g.t.dir, gateDir)
	if err := g.show(filepath.Join(dir, "main.go"), text.Bytes()); err != nil {
		return "", err
	}
	program := filepath.Join(g.folder, "check.exe") // Windows wants the ending, others don't mind
	_, err := g.compiler(ctx, "build", "-o", program, dir)
	return program, err
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
