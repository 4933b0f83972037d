package gen

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db/dbcheck"
)

const modulePath = "github.com/duolite/duolite"

// gateDir is the folder of the check's program. It is in the target's folder, so that it may
// import packages of an internal folder. It exists only in the compiler's overlay.
const gateDir = "duolite-check"

//go:embed gate.go.tmpl
var gateText string

var gateTemplate = template.Must(template.New("").Parse(gateText))

// A gate compiles code that isn't written yet, and checks it.
type gate struct {
	w        *workspace
	t        *target
	openWith string // as in Options
	folder   string // for its files
	overlay  map[string]string
	shown    int // files in folder
}

// runGate adds the mistakes in the code of t to found. It lists on stderr the methods that it couldn't
// prove, and the plans of the queries on plans. partial: some queries are left out, so that code written
// by hand may miss their methods.
func runGate(ctx context.Context, w *workspace, t *target, s *source, o Options, partial bool, found *findings, plans, stderr io.Writer) error {
	folder, err := os.MkdirTemp(w.temp, "gate-")
	if err != nil {
		return err
	}
	g := &gate{w: w, t: t, openWith: o.OpenWith, folder: folder, overlay: map[string]string{}}
	if err := g.addTarget(); err != nil {
		return err
	}
	importPath, err := g.importPath(ctx)
	if err != nil {
		return err
	}
	program, err := g.build(ctx, importPath)
	switch lines := g.mistakes(err); {
	case len(lines) > 0 && partial && len(t.others) > 0:
		fmt.Fprintf(stderr, "duolite: %s: its methods can't be checked, as it doesn't compile without the queries that sqlc refuses\n", shown(t.dir))
		return nil
	case len(lines) > 0:
		found.addLines(lines...)
		return nil
	case err != nil:
		return err
	}
	out, err := output(command(ctx, program, s.schema, s.queries, o.Server))
	if err != nil {
		return g.failed(ctx, "the check", out, err)
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
	fmt.Fprintf(stderr, "duolite: %s: %d methods checked\n", dir, report.Methods)
	const byHand = "Their arguments are proven; look by hand whether NULL and each value fits into the Go types of their columns"
	for _, note := range []struct {
		says    string
		methods []string
	}{
		{"only the server compiles these. " + byHand, report.ServerOnly},
		{"these returned no row for any data that was tried. " + byHand, report.Unseen},
		{"these are interface{} in Go, as sqlc knows no type for them. A CAST in the query gives them one, or for an optional filter the comment -- db:dynamic", report.Untyped},
	} {
		if len(note.methods) > 0 {
			fmt.Fprintf(stderr, "duolite: %s: %s: %s\n", dir, note.says, strings.Join(note.methods, ", "))
		}
	}
}

// goCommand runs go in the target's module, as output does.
func (g *gate) goCommand(ctx context.Context, args ...string) (string, error) {
	cmd := command(ctx, "go", args...)
	cmd.Dir = existing(g.t.dir)
	return output(cmd)
}

// output runs a command. It returns the output, or the error output if the command fails.
func output(cmd *exec.Cmd) (string, error) {
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
	return usage.Findings{Lines: lines, Summary: fmt.Sprintf("%s of %s: %v; nothing is written", step, shown(g.t.dir), err)}
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

// printPlans prints the plans of each query. A step that reads all rows of a table has a * before it.
// Variants of a dynamic query with the same plan are one entry, with the first of them.
func (s *source) printPlans(to io.Writer, plans []dbcheck.Plan) {
	for len(plans) > 0 {
		p := plans[0]
		n := 1
		for n < len(plans) && plans[n].Variant != "" {
			n++
		}
		variants := plans[1:n]
		plans = plans[n:]
		file := p.File
		if path, ok := s.files[file]; ok {
			file = shown(path)
		}
		fmt.Fprintf(to, "%s:%d: %s\n", file, p.Line, p.Query)
		printSteps(to, p.Steps)
		for len(variants) > 0 {
			first := variants[0]
			others := slices.DeleteFunc(slices.Clone(variants), func(v dbcheck.Plan) bool { return slices.Equal(v.Steps, first.Steps) })
			if n := len(variants) - len(others); n > 1 {
				fmt.Fprintf(to, "  %d variants, such as %s\n", n, first.Variant)
			} else {
				fmt.Fprintf(to, "  %s\n", first.Variant)
			}
			printSteps(to, first.Steps)
			variants = others
		}
	}
}

func printSteps(to io.Writer, steps []dbcheck.Step) {
	for _, step := range steps {
		mark := " "
		if step.Scan {
			mark = "*"
		}
		fmt.Fprintf(to, "    %s %s\n", mark, step.Text)
	}
}
