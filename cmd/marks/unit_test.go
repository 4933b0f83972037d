package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

// What the sessions in testdata/script don't reach: the edges of small functions.

func TestCleanURL(t *testing.T) {
	long := "https://example.org/" + strings.Repeat("é", maxURL-20)
	tests := []struct{ raw, want, problem string }{
		{"https://example.org", "https://example.org", ""},
		{" \thttps://example.org/\n", "https://example.org/", ""},
		{"HTTPS://Example.ORG/A%2fb", "https://example.org/A%2fb", ""},
		{"mailto:me@example.org", "mailto:me@example.org", ""},
		{"about:blank", "about:blank", ""},
		{"file:///home/me/a b.html", "file:///home/me/a b.html", ""},
		{"javascript:void(\"50%\")", "javascript:void(\"50%\")", ""},
		{"JavaScript:%", "javascript:%", ""},
		{"data:,%zz", "data:,%zz", ""},
		{"urn:isbn:0451450523", "urn:isbn:0451450523", ""},
		{"https://[::1]:8080/", "https://[::1]:8080/", ""},
		{"https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/", ""},
		{long, long, ""},
		{long + "x", "", "the URL has 8193 characters; 8192 are the most"},
		{"", "", "the URL is empty"},
		{" \n ", "", "the URL is empty"},
		{"example.org/page", "", `"example.org/page" has no scheme; did you mean https://example.org/page?`},
		{"//example.org/page", "", "has no scheme"},
		{"/page", "", "has no scheme"},
		{"#fragment", "", "has no scheme"},
		{"https:", "", `"https:" names no page`},
		{"https://", "", "names no page"},
		{"https://?q", "", "names no page"},
		{"https://exa mple.org", "", "is not a URL"},
		{"https://[::1", "", "is not a URL"},
		{"https://example.org/%zz", "", "is not a URL"},
		{"localhost:8080", "localhost:8080", ""}, // a scheme, as far as a URL can tell
		{"https://example.org/\x1b[31m", "", "has a control character in it"},
		{"https://exam\nple.org/", "", "has a control character in it"},
		{"https://example.org/\x00", "", "has a NUL character in it"},
		{"https://example.org/\xff", "", "is not valid UTF-8"},
	}
	for _, tt := range tests {
		got, err := cleanURL(tt.raw)
		if got != tt.want || !hasProblem(err, tt.problem) {
			t.Errorf("cleanURL(%.60q) = %.60q, %v; want %.60q, %q", tt.raw, got, err, tt.want, tt.problem)
		}
	}
}

// hasProblem reports whether err is one of bad input with that text in it, or nil for "".
func hasProblem(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return errors.As(err, new(inputError)) && strings.Contains(err.Error(), text)
}

func TestCleanTag(t *testing.T) {
	tests := []struct{ tag, want, problem string }{
		{"go", "go", ""},
		{"  Go \t lang\n", "Go lang", ""},
		{"a,b", "a b", ""},
		{",,a,,", "a", ""},
		{"\u00a0wide\u3000space\u2003", "wide space", ""},
		{strings.Repeat("日", maxTag), strings.Repeat("日", maxTag), ""},
		{strings.Repeat("日", maxTag+1), "", "has more than 100 characters"},
		{"", "", `the tag "" has no name`},
		{" , ", "", `the tag " , " has no name`},
		{"a\x00b", "", "has a NUL character in it"},
		{"\xff", "", "is not valid UTF-8"},
	}
	for _, tt := range tests {
		got, err := cleanTag(tt.tag)
		if err != nil {
			got = ""
		}
		if got != tt.want || !hasProblem(err, tt.problem) {
			t.Errorf("cleanTag(%.60q) = %q, %v; want %q, %q", tt.tag, got, err, tt.want, tt.problem)
		}
	}
}

func TestCleanTags(t *testing.T) {
	got, err := cleanTags([]string{"Go", "b", "gO", " GO ", "Ä", "ä", "b"})
	// NOCASE, which the database has for them, folds ASCII alone.
	if diff := cmp.Diff([]string{"Go", "b", "Ä", "ä"}, got); err != nil || diff != "" {
		t.Errorf("%v, tags (-want +got):\n%s", err, diff)
	}
	if got, err := cleanTags(nil); err != nil || got == nil || len(got) != 0 {
		t.Errorf("no tags are %#v, %v; want an empty slice, which JSON has as []", got, err)
	}
	for in, want := range map[string]string{"ABCXYZ": "abcxyz", "@[`{": "@[`{", "ÄÖ": "ÄÖ", "\u212a": "\u212a", "": ""} {
		if got := foldTag(in); got != want {
			t.Errorf("foldTag(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFTSQuery(t *testing.T) {
	tests := []struct {
		words []string
		want  string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"go"}, `"go"`},
		{[]string{"go", "lang*"}, `"go" "lang"*`},
		{[]string{"go**"}, `"go"*`},
		{[]string{"*go"}, `"*go"`},
		{[]string{"query planner"}, `"query planner"`},
		{[]string{`"query planner"`}, `"""query planner"""`},
		{[]string{`a"b`}, `"a""b"`},
		{[]string{"***", "()", "go", "-"}, `"go"`},
		{[]string{"AND", "NOT", "NEAR(a", "b)"}, `"AND" "NOT" "NEAR(a" "b)"`},
		{[]string{"日本", "é", "x²"}, `"日本" "é" "x²"`},
		{[]string{"a\x00b"}, `"a b"`},
	}
	for _, tt := range tests {
		if got := ftsQuery(tt.words); got != tt.want {
			t.Errorf("ftsQuery(%q) = %s, want %s", tt.words, got, tt.want)
		}
	}
}

func TestDetectFormat(t *testing.T) {
	tests := []struct {
		data    string
		want    fileFormat
		problem string
	}{
		{"<!DOCTYPE", formatHTML, ""},
		{"\ufeff\r\n <dl>", formatHTML, ""},
		{" [", formatJSON, ""},
		{"\ufeff{", formatNDJSON, ""},
		{"", "", "the file is empty"},
		{"\ufeff", "", "the file is empty"},
		{"\n\n", "", "the file is empty"},
		{"<a\x00", "", "this is a binary file"},
		{"PK\x03\x04\x00", "", "this is a binary file"},
		{`"text"`, "", "neither a browser's HTML file nor JSON nor NDJSON"},
		{"null", "", "neither"},
	}
	for _, tt := range tests {
		got, err := detectFormat([]byte(tt.data))
		if got != tt.want || !hasProblem(err, tt.problem) {
			t.Errorf("detectFormat(%q) = %q, %v; want %q, %q", tt.data, got, err, tt.want, tt.problem)
		}
	}
}

func TestCursor(t *testing.T) {
	for _, b := range []bookmark{
		{ID: 1, CreatedAt: dbtype.NewTime(time.Unix(0, 0))},
		{ID: math.MaxInt64, CreatedAt: dbtype.NewTime(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC))},
		{ID: -5, CreatedAt: dbtype.NewTime(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))},
	} {
		if strings.ContainsAny(cursor(b), " '\"") {
			t.Errorf("cursor %s is not one word to a shell", cursor(b))
		}
		created, id, err := parseCursor(cursor(b))
		if err != nil || id != b.ID || !created.Equal(b.CreatedAt.Time) {
			t.Errorf("parseCursor(%q) = %v, %d, %v", cursor(b), created, id, err)
		}
	}
	for _, s := range []string{
		"", "/", "1", "2020-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z/", "/1", "x/1", "2020-01-01T00:00:00.000Z/x",
		"2020-01-01T00:00:00.000Z/1/2", "2020-01-01T00:00:00.000Z/9223372036854775808", "9999-12-31T23:59:59-01:00/1",
		"0000-01-01T00:00:00+01:00/1", strings.Repeat("9", 1000),
	} {
		if _, _, err := parseCursor(s); err == nil || !strings.HasSuffix(err.Error(), "is not what a page of the list said") {
			t.Errorf("parseCursor(%.60q): %v", s, err)
		}
	}
}

func TestJSONPath(t *testing.T) {
	for name, want := range map[string]string{
		"a": `$."a"`, "a b": `$."a b"`, "a.b[0]": `$."a.b[0]"`, "é": `$."é"`, "'": `$."'"`, "$": `$."$"`, "\n": "$.\"\n\"",
	} {
		if got, err := jsonPath(name); err != nil || got != want {
			t.Errorf("jsonPath(%q) = %s, %v; want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"", `a"b`, `a\b`, "a\x00", "\xff", strings.Repeat("é", 101)} {
		if got, err := jsonPath(name); !errors.As(err, new(inputError)) {
			t.Errorf("jsonPath(%.20q) = %s, %v; want bad input", name, got, err)
		}
	}
}

func TestJSONValue(t *testing.T) {
	for in, want := range map[string]string{
		"": `""`, "x": `"x"`, "1": "1", "-1.5e3": "-1.5e3", "01": `"01"`, "true": "true", "null": "null",
		`"x"`: `"x"`, `[1]`: `[1]`, `{"a":1}`: `{"a":1}`, `{"a":`: `"{\"a\":"`, "<&>": `"<&>"`, "a\nb": `"a\nb"`,
	} {
		if got := jsonValue(in); got != want {
			t.Errorf("jsonValue(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestByteCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 1 << 20: "1.0 MiB", 100 << 20: "100.0 MiB"} {
		if got := byteCount(n); got != want {
			t.Errorf("byteCount(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestDepth(t *testing.T) {
	for text, want := range map[string]int{
		`1`: 0, `{}`: 1, `[]`: 1, `{"a":1}`: 1, `{"a":{}}`: 2, `[1,[2,[3]],{"a":[{}]}]`: 4,
	} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if got := depth(value); got != want {
			t.Errorf("depth of %s is %d, want %d", text, got, want)
		}
	}
}

// TestExitCode has every kind of error, as it is and within others.
func TestExitCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), exitFailure},
		{io.ErrUnexpectedEOF, exitFailure},
		{db.ErrForeignKey, exitFailure},
		{db.ErrNoMigration, exitFailure},
		{context.DeadlineExceeded, exitFailure},
		{usageError{"x", "marks"}, exitUsage},
		{badInput("x"), exitInput},
		{db.ErrTooBig, exitInput},
		{db.ErrCheck, exitInput},
		{db.ErrNotNull, exitInput},
		{notFound("x"), exitNotFound},
		{db.ErrCantOpen, exitUnavailable},
		{db.ErrNotADatabase, exitUnavailable},
		{db.ErrCorrupt, exitUnavailable},
		{db.ErrUnavailable, exitUnavailable},
		{db.ErrFull, exitUnavailable},
		{db.ErrUnauthorized, exitRefused},
		{db.ErrReadOnly, exitRefused},
		{db.ErrBusy, exitBusy},
		{db.ErrNewerSchema, exitSchema},
		{errSchemaOlder, exitSchema},
		{context.Canceled, exitInterrupted},
	}
	documented := map[int]bool{}
	for _, tt := range tests {
		var stderr strings.Builder
		if got := report(&stderr, tt.err); got != tt.want {
			t.Errorf("exit code of %v is %d, want %d", tt.err, got, tt.want)
		}
		if problem := checkResult(result{tt.want, "", stderr.String()}, ""); problem != "" {
			t.Errorf("%v is reported as %q: %s", tt.err, stderr.String(), problem)
		}
		if tt.err != nil {
			wrapped := fmt.Errorf("first line\n\tsecond line: %w", errors.Join(tt.err, nil))
			if got := exitCode(wrapped); got != tt.want {
				t.Errorf("exit code of %v within others is %d, want %d", tt.err, got, tt.want)
			}
		}
		if !strings.Contains(longHelp, fmt.Sprintf("\n  %-3d  ", tt.want)) {
			t.Errorf("the help doesn't say what exit code %d is", tt.want)
		}
		documented[tt.want] = true
	}
	for line := range strings.Lines(longHelp[strings.Index(longHelp, "Exit codes:\n")+len("Exit codes:\n"):]) {
		var code int
		if _, err := fmt.Sscan(line, &code); err != nil || !documented[code] {
			t.Errorf("no error here has the exit code of the line %q", line)
		}
	}
}

// TestReport has messages that would do something to a terminal.
func TestReport(t *testing.T) {
	var b strings.Builder
	report(&b, errors.New("one\n two\t\x1b[31mthree \u202efour\x00"))
	if want := "marks: one two \ufffd[31mthree \ufffdfour\ufffd\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestMerge(t *testing.T) {
	at := func(second int64) dbtype.Time { return dbtype.NewTime(time.Unix(second, 0)) }
	two, nine := at(2), at(9)
	first := bookmark{Title: "", Notes: "first", Tags: []string{"a", "B"}, CreatedAt: at(5), UpdatedAt: at(5)}
	second := bookmark{Title: "second", Notes: "second", Tags: []string{"b", "c"}, CreatedAt: at(4), UpdatedAt: at(4), VisitedAt: &two}
	third := bookmark{Title: "third", CreatedAt: at(6), UpdatedAt: at(6), VisitedAt: &nine}
	got := first
	for _, other := range []bookmark{second, third, second} {
		if err := got.merge(other); err != nil {
			t.Fatal(err)
		}
	}
	want := bookmark{Title: "second", Notes: "first", Tags: []string{"a", "B", "c"}, CreatedAt: at(4), UpdatedAt: at(6), VisitedAt: &nine}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

// TestAwait gives up what it waits for when the context ends.
func TestAwait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	never := make(chan struct{})
	defer close(never)
	cancel()
	if _, err := await(ctx, func() (int, error) { <-never; return 1, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n, err := await(t.Context(), func() (int, error) { return 1, io.EOF }); n != 1 || err != io.EOF {
		t.Errorf("got %d, %v", n, err)
	}
}
