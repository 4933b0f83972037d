package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/google/go-cmp/cmp"
)

// The scripts in testdata/script don't reach the edges of small functions.

func TestCleanURL(t *testing.T) {
	long := "https://example.org/" + strings.Repeat("é", maxURL-20)
	for raw, want := range map[string]string{
		"https://example.org":                     "https://example.org",
		" \thttps://example.org/\n":               "https://example.org/",
		"HTTP://dup.Test:80/A%2fb?B=C#D":          "http://dup.test/A%2fb?B=C#D",
		" https://dup.test:443 ":                  "https://dup.test",
		"https://dup.test:80/":                    "https://dup.test:80/",
		"http://dup.test:/":                       "http://dup.test/",
		"http://User:Pass@DUP.test:8080/%7Ea/../": "http://User:Pass@dup.test:8080/%7Ea/../",
		"http://a@B@C.test/":                      "http://a@B@c.test/",
		"ws://:A:":                                "ws://:A:", // no host
		"http://BÜCHER.example/Ü?Ü":               "http://xn--bcher-kva.example/Ü?Ü",
		"http://xn--Bcher-KVA.example/":           "http://xn--bcher-kva.example/",
		"http://bu\u0308cher\u3002example:8080/":  "http://xn--bcher-kva.example:8080/",
		"http://under_score.Example/":             "http://under_score.example/",
		"http://127.0.0.1:80/":                    "http://127.0.0.1/",
		"http://[::FFFF]:80/":                     "http://[::ffff]/",
		"https://[::1]:8080/":                     "https://[::1]:8080/",
		"http://dup.test?Q":                       "http://dup.test?Q",
		"FTP://Host:21/File":                      "ftp://host/File",
		"File:///C:/Folder":                       "file:///C:/Folder",
		"Chrome://Settings/Privacy":               "chrome://Settings/Privacy",
		"ABOUT:Config":                            "about:Config",
		"mailto:Someone@Example.org":              "mailto:Someone@Example.org",
		"JavaScript:void('HTTP://A%')//":          "javascript:void('HTTP://A%')//",
		"data:,%zz":                               "data:,%zz",
		"urn:ISBN:1":                              "urn:ISBN:1",
		"http:/Path":                              "http:/Path",
		"view-source:HTTP://DUP.test/":            "view-source:HTTP://DUP.test/",
		"localhost:8080":                          "localhost:8080", // a scheme, as far as a URL can tell
		long:                                      long,
	} {
		got, err := cleanURL(raw)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("cleanURL(%.60q) is %.60q, %v; want %.60q", raw, got, err, want)
		}
	}
	for raw, want := range map[string]string{
		long + "x":                     "the URL has 8193 characters; 8192 are the most",
		" \n ":                         "the URL is empty",
		"example.org/page":             `"example.org/page" has no scheme; did you mean https://example.org/page?`,
		"//example.org/page":           "has no scheme",
		"#fragment":                    "has no scheme",
		"https:":                       `"https:" names no page`,
		"https://?q":                   "names no page",
		"ws://user@:":                  "names no page",
		"https://exa mple.org":         "is not a URL",
		"https://example.org/%zz":      "is not a URL",
		"https://example.org/\x1b[31m": "has a control character in it",
		"https://example.org/\x00":     "has a NUL character in it",
		"https://example.org/\xff":     "is not valid UTF-8",
	} {
		if got, err := cleanURL(raw); !isBadInput(err, want) {
			t.Errorf("cleanURL(%.60q) is %.60q, %v; want %q", raw, got, err, want)
		}
	}
}

// isBadInput reports whether err is an error of bad input that contains a text.
func isBadInput(err error, text string) bool {
	own, ok := errors.AsType[failure](err)
	return ok && own.code == exitInput && strings.Contains(err.Error(), text)
}

func TestCleanTags(t *testing.T) {
	most := strings.Repeat("日", maxTag)
	for tag, want := range map[string]string{
		"go": "go", "  Go \t lang\n": "Go lang", "a,b": "a b", ",,a,,": "a", "\u00a0wide\u3000space\u2003": "wide space", most: most,
	} {
		if got, err := cleanTag(tag); got != want || err != nil {
			t.Errorf("cleanTag(%q) is %q, %v; want %q", tag, got, err, want)
		}
	}
	for tag, want := range map[string]string{
		most + "x": "has 101 characters; 100 are the most", " , ": `the tag " , " has no name`, "a\x00b": "NUL", "\xff": "UTF-8",
	} {
		if _, err := cleanTags([]string{"a", tag}); !isBadInput(err, want) {
			t.Errorf("cleanTag(%.60q): %v; want %q", tag, err, want)
		}
	}
	// The database compares tags by NOCASE, which folds ASCII alone.
	got, err := cleanTags([]string{"Go", "b", "gO", " GO ", "Ä", "ä", "b", "@[`{", "\u212a"})
	if diff := cmp.Diff([]string{"Go", "b", "Ä", "ä", "@[`{", "\u212a"}, got); err != nil || diff != "" {
		t.Errorf("%v, tags (-want +got):\n%s", err, diff)
	}
}

func TestFTSQuery(t *testing.T) {
	for want, words := range map[string][]string{
		"":                             {"***", "()", "-", ""},
		`"go" "lang"*`:                 {"go", "lang*"},
		`"go"*`:                        {"go**"},
		`"*go"`:                        {"*go"},
		`"query planner"`:              {"query planner"},
		`"""query planner"""`:          {`"query planner"`},
		`"a""b" "go"`:                  {`a"b`, "()", "go"},
		`"AND" "NOT" "NEAR(a" "b)"`:    {"AND", "NOT", "NEAR(a", "b)"},
		`"日本" "é" "x²" "a b" "c " "Ⅷ"`: {"日本", "é", "x²", "a\x00b", "c\xff", "Ⅷ"},
	} {
		if got := ftsQuery(words); got != want {
			t.Errorf("ftsQuery(%q) is %s, want %s", words, got, want)
		}
	}
}

func TestCleanMetadata(t *testing.T) {
	for s, want := range map[string]string{
		"": "metadata is not a JSON object", "[1]": "not a JSON object", "null": "not a JSON object", `{"a":`: "not a JSON object",
		`{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}": "metadata has more than 1000 objects and lists",
	} {
		if _, err := cleanMetadata(s); !isBadInput(err, want) {
			t.Errorf("cleanMetadata(%.20q): %v; want %q", s, err, want)
		}
	}
	most := ` {"a":` + strings.Repeat("[", 999) + strings.Repeat("]", 999) + "}"
	if got, err := cleanMetadata(most); got != most || err != nil {
		t.Errorf("%d objects and lists: %v", 1000, err)
	}
}

// TestExitCode reports every kind of error, also within others, and compares the help.
func TestExitCode(t *testing.T) {
	documented := map[int]bool{0: true}
	check := func(err error, want int) {
		t.Helper()
		wrapped := fmt.Errorf("first line\n\tsecond line: %w", errors.Join(err, nil))
		for _, err := range []error{err, wrapped} {
			if got, _ := classify("marks", err); got != want {
				t.Errorf("exit code of %q is %d, want %d", err, got, want)
			}
		}
		documented[want] = true
	}
	check(errors.New("anything"), exitFailure)
	check(db.ErrForeignKey, exitFailure)
	check(context.DeadlineExceeded, exitFailure)
	check(badUsage("x"), exitUsage)
	check(badInput("x"), exitInput)
	check(notFound("x"), exitNotFound)
	check(errSchemaOlder, exitSchema)
	for _, kind := range kinds {
		check(kind.err, kind.code)
	}
	for code := range documented {
		if !strings.Contains(longHelp, fmt.Sprintf("\n  %-3d  ", code)) {
			t.Errorf("the help doesn't say what exit code %d is", code)
		}
	}
	_, list, _ := strings.Cut(longHelp, "Exit codes:\n")
	if n := 1 + strings.Count(list, "\n"); n != len(documented) {
		t.Errorf("the help lists %d exit codes, and there are %d", n, len(documented))
	}
}
