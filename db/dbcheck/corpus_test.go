package dbcheck_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
)

// TestCorpus runs the gate over every case that sqlc's own tests and examples have for
// SQLite and Go: the folder DUOLITE_SQLC_REPO is a checkout of its repository. What it
// finds there is in testdata/corpus.golden, where each is said why it is right.
func TestCorpus(t *testing.T) {
	repo := os.Getenv("DUOLITE_SQLC_REPO")
	if repo == "" {
		t.Skip("DUOLITE_SQLC_REPO isn't set to a checkout of github.com/sqlc-dev/sqlc")
	}
	checkCorpus(t, repo, "testdata/corpus.golden")
}

// TestExamples is the part of it that lies in the module cache anyway.
func TestExamples(t *testing.T) {
	out, err := exec.Command("go", "list", "-modfile=../../tools/go.mod", "-f", "{{.Dir}}", "-m", "github.com/sqlc-dev/sqlc").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("sqlc isn't in the module cache: %v", err)
		}
		t.Skipf("sqlc isn't in the module cache: %v", err)
	}
	checkCorpus(t, dir, "testdata/examples.golden")
}

// A corpusCase is a package that sqlc generated.
type corpusCase struct {
	Name, Schema, Queries, Go string
	// NoArgument: New takes nothing, and each method its DBTX.
	NoArgument bool
	Package    string
}

func checkCorpus(t *testing.T, repo, golden string) {
	cases := findCases(t, repo)
	if len(cases) == 0 {
		t.Fatalf("no case in %s", repo)
	}
	got := runCorpus(t, cases)
	if *update {
		if err := os.WriteFile(golden, keepReasons(golden, got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutReasons(string(want)), withoutReasons(string(got))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
	t.Log(lastLine(string(got)))
}

// A line of a golden file that begins with this says why the finding before it is right.
const reason = "    # "

func withoutReasons(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, reason) }), "\n")
}

// keepReasons returns text with the reasons that a golden file has.
func keepReasons(golden string, text []byte) []byte {
	old, err := os.ReadFile(golden)
	if err != nil {
		return text
	}
	reasons := map[string]string{}
	last := ""
	for line := range strings.Lines(string(old)) {
		if strings.HasPrefix(line, reason) {
			reasons[last] += line
		} else {
			last = line
		}
	}
	var b bytes.Buffer
	for line := range strings.Lines(string(text)) {
		b.WriteString(line + reasons[line])
	}
	return b.Bytes()
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

var setting = regexp.MustCompile(`"?\b(schema|queries|path|out)"?:\s*"?([^",\n]+)`)

func findCases(t *testing.T, repo string) (cases []corpusCase) {
	for _, root := range []string{"internal/endtoend/testdata", "examples"} {
		err := filepath.WalkDir(filepath.Join(repo, root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() != "db.go" {
				return ignoreMissing(err)
			}
			if c, ok := readCase(filepath.Dir(path)); ok {
				c.Name, _ = filepath.Rel(filepath.Join(repo, root), c.Go)
				c.Package = fmt.Sprintf("case%d", len(cases))
				cases = append(cases, c)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return cases
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// readCase reads the configuration that a generated package is of: in its own folder,
// one above, or two.
func readCase(dir string) (corpusCase, bool) {
	for _, up := range []string{".", "..", "../.."} {
		for _, name := range []string{"sqlc.json", "sqlc.yaml"} {
			config, err := os.ReadFile(filepath.Join(dir, up, name))
			if err != nil {
				continue
			}
			base := filepath.Join(dir, up)
			if strings.Contains(string(config), "sqlite") && strings.Contains(dir, "sqlite") {
				return newCase(base, dir, string(config))
			}
			return corpusCase{}, false
		}
	}
	return corpusCase{}, false
}

func newCase(base, dir, config string) (corpusCase, bool) {
	c := corpusCase{Go: dir, NoArgument: strings.Contains(config, `"emit_methods_with_db_argument": true`)}
	for _, m := range setting.FindAllStringSubmatch(config, -1) {
		path := filepath.Join(base, m[2])
		if m[1] == "path" || m[1] == "out" || strings.Contains(config, "mysql") && !strings.Contains(m[2], "sqlite") {
			continue
		}
		if m[1] == "schema" {
			c.Schema = path
		} else {
			c.Queries = path
		}
	}
	return c, c.Schema != "" && c.Queries != ""
}

var program = template.Must(template.New("").Parse(`package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing/fstest"

	"github.com/duolite/duolite/db/dbcheck"
{{range .}}	{{.Package}} "corpus/{{.Package}}"
{{end}})

// folder is a folder, or a file by itself.
func folder(path string) fs.FS {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return os.DirFS(path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return fstest.MapFS{filepath.Base(path): {Data: text}}
}

var packages, methods, findings int

func print(name string, queries fs.FS, report dbcheck.Report, err error) {
	packages++
	before, _ := dbcheck.Source(queries)
	for _, f := range before {
		if !slices.Contains(report.Findings, f) {
			report.Findings = append(report.Findings, f)
		}
	}
	methods += report.Methods
	findings += len(report.Findings)
	if err != nil {
		fmt.Printf("%s: %v\n", name, err)
	}
	for _, f := range report.Findings {
		fmt.Printf("%s/%s (%s)\n", name, f, f.Rule)
	}
	for _, m := range report.Unseen {
		fmt.Printf("%s: %s returned no row\n", name, m)
	}
}

func main() {
	ctx := context.Background()
	var report dbcheck.Report
	var err error
{{range .}}	report, err = dbcheck.Check(ctx, {{if .NoArgument}}func({{.Package}}.DBTX) *{{.Package}}.Queries { return {{.Package}}.New() }{{else}}{{.Package}}.New{{end}}, folder({{printf "%q" .Schema}}), folder({{printf "%q" .Queries}}))
	print({{printf "%q" .Name}}, folder({{printf "%q" .Queries}}), report, err)
{{end}}	fmt.Printf("%d packages, %d methods, %d findings\n", packages, methods, findings)
}
`))

// runCorpus builds one program of all cases, in a module of its own that has ours for
// the gate, and returns what it prints.
func runCorpus(t *testing.T, cases []corpusCase) []byte {
	dir := t.TempDir()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(mod), "\n")
	files := map[string][]byte{"go.mod": []byte("module corpus\n" + requires + "\nrequire github.com/duolite/duolite v0.0.0\nreplace github.com/duolite/duolite => " + repo + "\n")}
	if files["go.sum"], err = os.ReadFile(filepath.Join(repo, "go.sum")); err != nil {
		t.Fatal(err)
	}
	var main, left bytes.Buffer
	var built []corpusCase
	for _, c := range cases {
		if why := copyCase(c, files); why != "" {
			fmt.Fprintf(&left, "%s: not built, as it imports %s\n", c.Name, why)
			continue
		}
		built = append(built, c)
	}
	if err := program.Execute(&main, built); err != nil {
		t.Fatal(err)
	}
	files["main.go"] = main.Bytes()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.Command("go", "run", ".")
	run.Dir, run.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "CGO_ENABLED=0", "GOWORK=off")
	var stderr bytes.Buffer
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	return append(left.Bytes(), out...)
}

var imported = regexp.MustCompile(`(?m)^\s+(?:\w+ )?"([a-z]+\.[a-z]+/[^"]*)"$`)

// copyCase copies a package, unless it imports what isn't there: then it returns what.
func copyCase(c corpusCase, files map[string][]byte) (missing string) {
	names, _ := filepath.Glob(filepath.Join(c.Go, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err.Error()
		}
		if m := imported.FindSubmatch(text); m != nil {
			return string(m[1])
		}
		files[c.Package+"/"+filepath.Base(name)] = text
	}
	return ""
}
