package main

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
)

// asMarks is an environment variable that makes the test binary run as marks.
const asMarks = "MARKS_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asMarks) != "" {
		main() // which exits
	}
	os.Exit(m.Run())
}

// A result is the exit code and the output of a command.
type result struct {
	Code           int
	Stdout, Stderr string
}

// A shell runs marks as a process on one database.
type shell struct {
	testing.TB
	environ []string
	secret  string // appears in no output
}

func newShell(tb testing.TB, d dbtest.Database) shell {
	return shell{tb, environOf(tb, d), d.Token}
}

// shellOn returns a shell whose database is named by a URL or path.
func shellOn(tb testing.TB, url string) shell {
	return newShell(tb, dbtest.Database{URL: url})
}

// newFileShell returns a shell on a new SQLite file that has a few bookmarks.
func newFileShell(tb testing.TB) shell {
	s := shellOn(tb, filepath.Join(tb.TempDir(), "marks.db"))
	fill(s)
	return s
}

// fill saves a few bookmarks of all sorts.
func fill(s shell) {
	s.Helper()
	s.must("import", writeFile(s, "fill.ndjson", `
{"url":"https://a.example/","title":"A","tags":["x","y"],"metadata":{"k":1},"attachments":[{"name":"a","mime_type":"text/plain","data":"aGk="}]}
{"url":"https://b.example/","title":"B","archived":true,"visit_count":3,"visited_at":"2020-01-01T00:00:00.000Z"}
{"url":"https://c.example/","notes":"several\nlines"}
`))
}

// environOf returns an environment that names a database. A test binary with coverage needs a
// folder, and one with the race detector would sleep for a second before it ends.
func environOf(tb testing.TB, d dbtest.Database) []string {
	folder := cmp.Or(os.Getenv("GOCOVERDIR"), tb.TempDir())
	environ := []string{asMarks + "=1", "TZ=UTC", "GORACE=atexit_sleep_ms=0", "GOCOVERDIR=" + folder, "TURSO_DATABASE_URL=" + d.URL}
	if d.Token != "" {
		environ = append(environ, "TURSO_AUTH_TOKEN="+d.Token)
	}
	return environ
}

// A process is a running command.
type process struct {
	*exec.Cmd
	s              shell
	stdout, stderr bytes.Buffer
}

// process returns a process that isn't started. It doesn't outlive the test.
func (s shell) process(args ...string) *process {
	s.Helper()
	exe, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(s.Context(), exe, args...), s: s}
	p.Dir = s.TempDir() // without a .env
	p.Env = s.environ
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	return p
}

func (p *process) begin() {
	p.s.Helper()
	if err := p.Start(); err != nil {
		p.s.Fatal(err)
	}
}

// end waits until the process has ended.
func (p *process) end() result {
	p.s.Helper()
	if err := p.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		p.s.Fatal(err)
	}
	r := result{p.ProcessState.ExitCode(), p.stdout.String(), p.stderr.String()}
	if problem := checkResult(r, p.s.secret); problem != "" {
		p.s.Errorf("marks %.200q: %s:\n%s", p.Args[1:], problem, r.Stderr)
	}
	return r
}

// run runs a command with a text on standard input.
func (s shell) run(stdin string, args ...string) result {
	s.Helper()
	p := s.process(args...)
	p.Stdin = strings.NewReader(stdin)
	p.begin()
	return p.end()
}

// must runs a command that has to succeed, and returns its output.
func (s shell) must(args ...string) string {
	s.Helper()
	r := s.run("", args...)
	if r.Code != 0 {
		s.Fatalf("marks %.200q: exit code %d: %s", args, r.Code, r.Stderr)
	}
	return r.Stdout
}

// fails runs a command that must fail with an exit code and exactly one line that contains want.
func (s shell) fails(code int, want string, args ...string) {
	s.Helper()
	r := s.run("", args...)
	if r.Code != code || r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 || !strings.Contains(r.Stderr, want) {
		s.Errorf("marks %.200q: exit code %d, want %d and one line with %q\nstdout: %.500s\nstderr: %.1000s",
			args, r.Code, code, want, r.Stdout, r.Stderr)
	}
}

// unchanged runs test, after which the database must have the same bookmarks.
func (s shell) unchanged(test func()) {
	s.Helper()
	before := s.must("export")
	test()
	wantText(s, "the database has changed", before, s.must("export"))
}

// checkResult returns a problem that a result has for any command, or "". An error is one line,
// and the last. Nothing on standard error moves a terminal. The secret is in no output.
func checkResult(r result, secret string) string {
	// The answer to a question is on the same line.
	lines := strings.Split(strings.ReplaceAll(r.Stderr, "? [y/N] marks: ", "\nmarks: "), "\n")
	isError := func(line string) bool { return strings.HasPrefix(line, "marks: ") }
	switch first := slices.IndexFunc(lines, isError); {
	case lines[len(lines)-1] != "":
		return "standard error ends within a line"
	case r.Code != 0 && first != len(lines)-2:
		return "an exit code without one line of error at the end"
	case r.Code == 0 && first >= 0:
		return "an error without an exit code"
	case strings.ContainsFunc(r.Stderr, func(c rune) bool { return c != '\n' && c < ' ' || c == 0x7f }):
		return "a control character on standard error"
	case secret != "" && strings.Contains(r.Stdout+r.Stderr, secret):
		return "the token is in the output"
	default:
		return ""
	}
}

// writeFile writes a file into a folder of the test and returns its path.
func writeFile(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// eachDatabase runs test on a file and on a server. (A database in memory ends with its process.)
func eachDatabase(t *testing.T, test func(t *testing.T, d dbtest.Database)) {
	t.Run("file", func(t *testing.T) {
		test(t, dbtest.Database{URL: filepath.Join(t.TempDir(), "marks.db")})
	})
	t.Run("server", func(t *testing.T) {
		server := dbtest.StartServer(t, dbtest.WithAuth())
		test(t, dbtest.Database{URL: server.URL(), Token: server.Token(dbtest.ReadWrite), Server: server})
	})
}
