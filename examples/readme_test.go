package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPages: the Go code that the README and the pages show is code that is run in a test.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	code := allCode(t)
	block := regexp.MustCompile("(?s)```go\n(.*?)```")
	n := 0
	for _, page := range append(pages, "../README.md") {
		if name := filepath.Base(page); otherCode[name] != "" {
			continue
		}
		for _, found := range block.FindAllStringSubmatch(read(t, page), -1) {
			n++
			if !strings.Contains(code, withoutIndent(found[1])) {
				t.Errorf("%s: no test has this code:\n%s", page, found[1])
			}
		}
	}
	if n == 0 {
		t.Fatal("no Go code in the pages")
	}
}

// otherCode has the pages with code of other modules, and why no test has it.
var otherCode = map[string]string{
	"coming-from.md":     "other drivers' code, and its replacement",
	"getting-started.md": "cmd/duolite runs it",
	"replicas.md":        "is written by make bench-walk, which runs it",
	"wrappers.md":        "db/internal/wrappers runs it",
}

// allCode returns the Go code of this folder and of the examples of the packages, without indentation.
func allCode(t *testing.T) string {
	var code strings.Builder
	add := func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			code.WriteString(withoutIndent(read(t, path)))
		}
		return err
	}
	if err := filepath.WalkDir(".", add); err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../db/*example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(more, "../db/dbotel/example_test.go") {
		code.WriteString(withoutIndent(read(t, path)))
	}
	return code.String()
}

func withoutIndent(code string) string {
	var lines strings.Builder
	for line := range strings.Lines(code) {
		lines.WriteString(strings.TrimLeft(line, " \t"))
	}
	return lines.String()
}

// TestLinks: the files that the pages link to exist.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, page := range append(pages, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md") {
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), found[1])); err != nil {
				t.Errorf("%s has a link to %s: %v", page, found[1], err)
			}
		}
	}
}

// TestMakeVerbs: the verbs that the README names are in the Makefile.
func TestMakeVerbs(t *testing.T) {
	makefile := read(t, "../Makefile")
	for _, verb := range regexp.MustCompile("(?:`|    )make ([a-z]+)").FindAllStringSubmatch(read(t, "../README.md"), -1) {
		if !strings.Contains(makefile, "\n"+verb[1]+":") {
			t.Errorf("the README says make %s; there is no such verb", verb[1])
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
