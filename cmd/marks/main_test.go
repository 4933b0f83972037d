package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts that compare it")

// asMarks is the environment variable that makes the test binary be marks.
const asMarks = "MARKS_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asMarks) != "" {
		main() // which exits
	}
	// What the commands show in local time is the same everywhere.
	time.Local = time.UTC
	flag.Parse()
	os.Exit(m.Run())
}

// A result is what a command leaves behind.
type result struct {
	Code           int
	Stdout, Stderr string
}

// runMarks runs a command in this process, with nothing but environ around it.
func runMarks(t testing.TB, environ []string, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{}, args...) // for cobra nil would be this process's own
	err := run(t.Context(), args, environ, strings.NewReader(stdin), &stdout, &stderr)
	return result{report(&stderr, err), stdout.String(), stderr.String()}
}

// A shell runs commands on one database.
type shell struct {
	testing.TB
	environ []string
	secret  string // in no output
}

func newShell(tb testing.TB, d dbtest.Database) shell {
	return shell{tb, environOf(d), d.Token}
}

// shellOn returns a shell whose database is named by a URL or path.
func shellOn(tb testing.TB, url string) shell {
	return newShell(tb, dbtest.Database{URL: url})
}

// environOf returns the environment that names a database.
func environOf(d dbtest.Database) []string {
	environ := []string{"TURSO_DATABASE_URL=" + d.URL}
	if d.Token != "" {
		environ = append(environ, "TURSO_AUTH_TOKEN="+d.Token)
	}
	return environ
}

// run runs a command, whatever comes of it.
func (s shell) run(args ...string) result {
	s.Helper()
	return s.runWith("", args...)
}

// runWith is run with something on standard input.
func (s shell) runWith(stdin string, args ...string) result {
	s.Helper()
	r := runMarks(s, s.environ, stdin, args...)
	if problem := checkResult(r, s.secret); problem != "" {
		s.Errorf("marks %.200q: %s:\n%s", args, problem, r.Stderr)
	}
	return r
}

// must runs a command that has to succeed, and returns what it prints.
func (s shell) must(args ...string) string {
	s.Helper()
	r := s.run(args...)
	if r.Code != 0 {
		s.Fatalf("marks %.200q: exit code %d: %s", args, r.Code, r.Stderr)
	}
	return r.Stdout
}

// bookmarks returns all that the database holds.
func (s shell) bookmarks() []bookmark {
	s.Helper()
	var all []bookmark
	if err := json.Unmarshal([]byte(s.must("export")), &all); err != nil {
		s.Fatal(err)
	}
	return all
}

// checkResult returns what is wrong with a result whatever the command was, or "": an
// error is one line, and the last; nothing on standard error moves a terminal; and
// the secret is in no output.
func checkResult(r result, secret string) string {
	errors, lastIsError := 0, false
	for line := range strings.Lines(r.Stderr) {
		// What answers a question goes on in the question's line.
		_, behind, _ := strings.Cut(line, "? [y/N] ")
		lastIsError = strings.HasPrefix(line, "marks: ") || strings.HasPrefix(behind, "marks: ")
		if lastIsError {
			errors++
		}
	}
	switch {
	case r.Stderr != "" && !strings.HasSuffix(r.Stderr, "\n"):
		return "standard error ends within a line"
	case r.Code != 0 && (errors != 1 || !lastIsError):
		return "an exit code without one line of error at the end"
	case r.Code == 0 && errors != 0:
		return "an error without an exit code"
	case strings.ContainsFunc(r.Stderr, func(c rune) bool { return c != '\n' && c < ' ' || c == 0x7f }):
		return "a control character on standard error"
	case secret != "" && strings.Contains(r.Stdout+r.Stderr, secret):
		return "the token is in the output"
	default:
		return ""
	}
}

// writeFile writes a file into a folder of the test's and returns its path.
func writeFile(tb testing.TB, name, content string) string {
	tb.Helper()
	path := tb.TempDir() + "/" + name
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}
