package examples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestREADME: the Go code that the README shows is code that is run here.
func TestREADME(t *testing.T) {
	readme, example := read(t, "../README.md"), read(t, "example_test.go")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme, -1)
	if len(blocks) == 0 {
		t.Fatal("no Go code in the README")
	}
	for _, block := range blocks {
		if !strings.Contains(example, block[1]) {
			t.Errorf("this code of the README is not in example_test.go:\n%s", block[1])
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
