// Package prose holds the comments of the Go code written here to plain English: it
// counts words that make the reader look for the noun they stand for.
package prose

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The limits, in uses per 10,000 words of comments.
const (
	maxOf   = 1 // "that of", "those of"
	maxNoun = 6 // "what", "who", "whatever", "whoever"
)

// held lists the folders whose comments the limits apply to. A folder includes those
// below it.
var held = []string{
	"bench",
	"cmd",
	"db",
	"examples",
	"queries",
	"schema",
	"tools",
}

// documents lists the documents to which the limits apply.
var documents = []string{"CONTRIBUTING.md", "README.md", "docs/coming-from.md", "docs/design.md", "docs/getting-started.md", "docs/guarantees.md", "docs/wrappers.md"}

// notYet lists folders below the held ones that still exceed the limits.
var notYet = []string{}

// notOurs lists folders whose comments are written elsewhere: by sqlc, or as input of the
// gate's tests.
var notOurs = []string{
	"bench/dbsqlc",
	"cmd/duolite/internal/project/template/dbsqlc",
	"db/dbcheck/internal/cases",
	"db/dbsqlc",
}

var root = flag.String("root", "../../..", "count the comments below this folder")

var (
	wordPattern = regexp.MustCompile(`[\pL\pN_'’]+`)
	ofPattern   = regexp.MustCompile(`(?i)\b(that|those)\s+of\b`)
	nounPattern = regexp.MustCompile(`(?i)\b(what|who|whatever|whoever)\b`)
	codePattern = regexp.MustCompile("(?s)```.*?```|`[^`]*`")
)

// A count is the number of words in comments, and of the two kinds of uses.
type count struct{ words, of, noun int }

func (c *count) add(d count) {
	c.words += d.words
	c.of += d.of
	c.noun += d.noun
}

func (c count) String() string {
	return fmt.Sprintf("%6d words, %3d = %5.1f that of, %3d = %5.1f what",
		c.words, c.of, c.per10000(c.of), c.noun, c.per10000(c.noun))
}

func (c count) within() bool {
	return c.per10000(c.of) <= maxOf && c.per10000(c.noun) <= maxNoun
}

func (c count) per10000(uses int) float64 {
	if c.words == 0 {
		return 0
	}
	return float64(uses) * 10_000 / float64(c.words)
}

// TestComments fails if the comments of the held folders exceed the limits. With -v it
// prints the counts of all folders, and with -root those of another module.
func TestComments(t *testing.T) {
	folders, uses := countTree(t, *root)
	var total, rest count
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		mark := " "
		if isHeld(folder) {
			mark = "*"
			total.add(folders[folder])
		} else {
			rest.add(folders[folder])
		}
		t.Logf("%s %s  %s", mark, folders[folder], folder)
	}
	t.Logf("* %s  held", total)
	t.Logf("  %s  not held", rest)
	if total.within() {
		return
	}
	t.Errorf("%s; want at most %d and %d in 10,000 words. Write the noun instead of:", total, maxOf, maxNoun)
	for _, folder := range slices.Sorted(maps.Keys(uses)) {
		if isHeld(folder) {
			for _, use := range uses[folder] {
				t.Log(use)
			}
		}
	}
}

// TestDocuments fails if the documents exceed the limits.
func TestDocuments(t *testing.T) {
	var total count
	for _, name := range documents {
		text, err := os.ReadFile(filepath.Join("../../..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		counted := countOf(codePattern.ReplaceAllString(string(text), ""))
		t.Logf("%s  %s", counted, name)
		total.add(counted)
	}
	if !total.within() {
		t.Errorf("%s; want at most %d and %d in 10,000 words", total, maxOf, maxNoun)
	}
}

// TestCountOf checks the counter itself.
func TestCountOf(t *testing.T) {
	const text = "What it does is that of\nthe other; those  of whom, whatever\n"
	if got, want := countOf(text), (count{words: 12, of: 2, noun: 2}); got != want {
		t.Errorf("countOf = %v, want %v", got, want)
	}
}

func countOf(text string) count {
	return count{
		words: len(wordPattern.FindAllString(text, -1)),
		of:    len(ofPattern.FindAllString(text, -1)),
		noun:  len(nounPattern.FindAllString(text, -1)),
	}
}

// countTree counts the comments of each folder below root, and lists the lines with a
// use as "file:line: text". Tests, testdata and generated files are left out.
func countTree(t *testing.T, root string) (map[string]count, map[string][]string) {
	t.Helper()
	folders, uses := map[string]count{}, map[string][]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != ".":
			if entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") || slices.Contains(notOurs, name) {
				return fs.SkipDir
			}
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			counted, lines, err := countFile(root, name)
			if err != nil {
				return err
			}
			folder := path.Dir(name)
			counted.add(folders[folder])
			folders[folder] = counted
			uses[folder] = append(uses[folder], lines...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders, uses
}

func countFile(root, name string) (count, []string, error) {
	files := token.NewFileSet()
	source := filepath.Join(root, filepath.FromSlash(name))
	parsed, err := parser.ParseFile(files, source, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || ast.IsGenerated(parsed) {
		return count{}, nil, err
	}
	var total count
	var uses []string
	for _, group := range parsed.Comments {
		total.add(countOf(group.Text()))
		first := files.Position(group.Pos()).Line
		for _, match := range slices.Concat(
			ofPattern.FindAllStringIndex(group.Text(), -1), nounPattern.FindAllStringIndex(group.Text(), -1)) {
			before := group.Text()[:match[0]]
			uses = append(uses, fmt.Sprintf("%s:%d: %s", name, first+strings.Count(before, "\n"), line(group.Text(), match[0])))
		}
	}
	return total, uses, nil
}

// line returns the line of text that contains the byte at.
func line(text string, at int) string {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	rest, _, _ := strings.Cut(text[start:], "\n")
	return rest
}

func isHeld(folder string) bool {
	return within(folder, held) && !within(folder, notYet)
}

func within(folder string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		return folder == f || strings.HasPrefix(folder, f+"/")
	})
}
