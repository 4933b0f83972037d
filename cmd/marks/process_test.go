package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// A process is marks as the shell runs it, on the database of a shell.
type process struct {
	*exec.Cmd
	s              shell
	stdout, stderr bytes.Buffer
}

func (s shell) process(args ...string) *process {
	s.Helper()
	exe, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(s.Context(), exe, args...), s: s}
	p.Dir = s.TempDir() // where there is no .env
	p.Env = slices.Concat([]string{"TZ=UTC"}, processEnviron(s.TempDir()), s.environ)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	return p
}

// processEnviron is what makes the test binary a marks like any other: one that measures
// coverage complains where it has no folder for it, and one with the race detector sleeps
// for a second before it ends.
func processEnviron(folder string) []string {
	return []string{asMarks + "=1", "GOCOVERDIR=" + folder, "GORACE=atexit_sleep_ms=0"}
}

// begin starts the process, which doesn't outlive the test.
func (p *process) begin() {
	p.s.Helper()
	if err := p.Start(); err != nil {
		p.s.Fatal(err)
	}
}

// signal sends the process a signal.
func (p *process) signal(signal os.Signal) {
	p.s.Helper()
	if err := p.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.s.Skipf("SKIPPED: no signals on this system: %v", err)
	}
}

// end waits until the process is over.
func (p *process) end() result {
	p.s.Helper()
	var exit *exec.ExitError
	if err := p.Wait(); err != nil && !errors.As(err, &exit) {
		p.s.Fatal(err)
	}
	r := result{p.ProcessState.ExitCode(), p.stdout.String(), p.stderr.String()}
	if problem := checkResult(r, p.s.secret); problem != "" {
		p.s.Errorf("marks %.200q: %s:\n%s", p.Args[1:], problem, r.Stderr)
	}
	return r
}

// eachShared runs test on each kind of database that processes can share.
func eachShared(t *testing.T, test func(t *testing.T, d dbtest.Database)) {
	t.Run("file", func(t *testing.T) {
		test(t, dbtest.Database{URL: filepath.Join(t.TempDir(), "marks.db")})
	})
	t.Run("server", func(t *testing.T) {
		server := dbtest.StartServer(t)
		test(t, dbtest.Database{URL: server.URL(), Server: server})
	})
}

// TestProcess looks at what reaches the shell.
func TestProcess(t *testing.T) {
	t.Parallel()
	s := newFileShell(t)
	folder := t.TempDir()
	tests := []struct {
		stdin string
		args  []string
		want  result
	}{
		{"", []string{"cat", "1", "a"}, result{0, "hi", ""}},
		{"", []string{"add", "https://d.example/"}, result{0, "", "saved as 4\n"}},
		{"no\n", []string{"rm", "4"}, result{exitFailure, "", "4  https://d.example/\nremove 1 bookmark(s)? [y/N] marks: nothing changed\n"}},
		{"", []string{"frobnicate"}, result{exitUsage, "", "marks: unknown command \"frobnicate\" (see marks --help)\n"}},
		{"<", []string{"import", "-"}, result{exitInput, "", "marks: -: line 1: not a bookmark file: it has no <!DOCTYPE NETSCAPE-Bookmark-file-1> and no list of bookmarks\n"}},
		{"", []string{"show", "99"}, result{exitNotFound, "", "marks: no bookmark 99\n"}},
		{"", []string{"list", "--db", folder}, result{exitUnavailable, "", "marks: " + folder + " is a folder; name a file in it\n"}},
	}
	for _, tt := range tests {
		p := s.process(tt.args...)
		p.Stdin = strings.NewReader(tt.stdin)
		p.begin()
		if diff := cmp.Diff(tt.want, p.end()); diff != "" {
			t.Errorf("marks %q (-want +got):\n%s", tt.args, diff)
		}
	}
}

// atOnce runs a command in as many processes at a time.
func (s shell) atOnce(n int, args ...string) []result {
	s.Helper()
	processes := make([]*process, n)
	for i := range processes {
		processes[i] = s.process(args...)
	}
	for _, p := range processes {
		p.begin()
	}
	results := make([]result, n)
	for i, p := range processes {
		results[i] = p.end()
	}
	return results
}

var appliedLine = regexp.MustCompile(`(?m)^applied (.*)$`)

// TestMigrateAtOnce has several machines start at the same time, with a new version.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		var applied []string
		for _, r := range s.atOnce(8, "migrate", "up") {
			if r.Code != 0 {
				t.Errorf("exit code %d: %s", r.Code, r.Stderr)
			}
			for _, match := range appliedLine.FindAllStringSubmatch(r.Stderr, -1) {
				applied = append(applied, match[1])
			}
		}
		slices.Sort(applied)
		want := []string{"00001_bookmarks.sql", "00002_tags.sql", "00003_attachments.sql", "00004_search.sql"}
		if diff := cmp.Diff(want, applied); diff != "" {
			t.Errorf("applied by all of them (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int{0, 1, 2, 3, 4}, versions(t, d)); diff != "" {
			t.Errorf("goose_db_version (-want +got):\n%s", diff)
		}
		fill(s)
		s.must("search", "a")
	})
}

// versions returns what the database says that was applied.
func versions(t testing.TB, d dbtest.Database) (versions []int) {
	t.Helper()
	rows, err := d.Open(t, nil).Query("SELECT version_id FROM goose_db_version ORDER BY version_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var version int
		if err := rows.Scan(&version); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, version)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return versions
}

var newCount = regexp.MustCompile(`^100 bookmarks: (\d+) new, 0 changed, \d+ as they were\n$`)

// TestImportAtOnce imports one file several times at once, into a database without even
// a schema.
func TestImportAtOnce(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		bookmarks := generate(100)
		file := writeFile(t, "100.json", exportOf(bookmarks))
		added := 0
		for _, r := range s.atOnce(8, "import", file) {
			match := newCount.FindStringSubmatch(r.Stderr)
			switch {
			case r.Code == 0 && match != nil:
				n, _ := strconv.Atoi(match[1])
				added += n
			case r.Code == exitBusy:
				t.Logf("busy: %s", r.Stderr)
			default:
				t.Errorf("exit code %d: %s", r.Code, r.Stderr)
			}
		}
		if added != len(bookmarks) {
			t.Errorf("all of them together added %d bookmarks, want %d", added, len(bookmarks))
		}
		wantText(t, "export", exportOf(bookmarks), s.must("export"))
	})
}

// TestInterrupt ends a command while it waits for a person: nothing is done.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := newFileShell(t)
	before := s.must("export")
	interrupted := result{exitInterrupted, "", "marks: interrupted\n"}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			s := shell{t, s.environ, ""}
			t.Run("standard input", func(t *testing.T) {
				p := s.process("import", "-")
				stdin, err := p.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer stdin.Close() // held open until the process is gone
				p.begin()
				// More than a pipe holds: when it is written, the process reads.
				if _, err := io.WriteString(stdin, many(100_000, `{"url":"https://%d.example/"}`+"\n")); err != nil {
					t.Fatal(err)
				}
				p.signal(signal)
				if diff := cmp.Diff(interrupted, p.end()); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
			})
			t.Run("question", func(t *testing.T) {
				p := s.process("rm", "1")
				stdin, err := p.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer stdin.Close()
				asked := newWatcher(&p.stderr, "[y/N] ")
				p.Stderr = asked
				p.begin()
				asked.wait(t)
				p.signal(signal)
				want := result{exitInterrupted, "", "1  https://a.example/\nremove 1 bookmark(s)? [y/N] \nmarks: interrupted\n"}
				if diff := cmp.Diff(want, p.end()); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
			})
		})
	}
	if diff := cmp.Diff(before, s.must("export")); diff != "" {
		t.Errorf("the database has changed (-before +after):\n%s", diff)
	}
}

// A watcher tells when a text has been written to it.
type watcher struct {
	written *bytes.Buffer
	text    string
	seen    chan struct{} // closed then
}

func newWatcher(written *bytes.Buffer, text string) *watcher {
	return &watcher{written, text, make(chan struct{})}
}

func (w *watcher) Write(p []byte) (int, error) {
	before := strings.Contains(w.written.String(), w.text)
	n, err := w.written.Write(p)
	if !before && strings.Contains(w.written.String(), w.text) {
		close(w.seen)
	}
	return n, err
}

// wait waits for the text. What doesn't come within a minute doesn't come.
func (w *watcher) wait(t testing.TB) {
	t.Helper()
	select {
	case <-w.seen:
	case <-time.After(time.Minute):
		t.Fatalf("%q was not written", w.text)
	}
}

// TestInterruptImport ends an import in the middle of its writing: nothing of it stays,
// and nothing stands in the way of the next.
func TestInterruptImport(t *testing.T) {
	t.Parallel()
	bookmarks := largeCollection()
	file := writeFile(t, "large.json", exportOf(bookmarks))
	eachShared(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		fill(s)
		before := s.must("export")
		importing, await := s, func() { awaitImport(t, d) }
		if !d.Local() {
			url, held := holdAnswers(t, d.URL, "-- name: ImportBookmarks ")
			importing, await = shellOn(t, url), func() { <-held }
		}
		const attempts = 5 // an import may be over before the signal comes
		for range attempts {
			p := importing.process("import", file)
			p.begin()
			await()
			p.signal(os.Interrupt)
			if r := p.end(); r.Code != 0 {
				if diff := cmp.Diff(result{exitInterrupted, "", "marks: interrupted\n"}, r); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(before, s.must("export")); diff != "" {
					t.Errorf("the database has changed (-before +after):\n%s", diff)
				}
				// A server ends the abandoned transaction after some seconds.
				s.must("import", file)
				if got, want := len(s.bookmarks()), len(bookmarks)+3; got != want {
					t.Errorf("after the next import there are %d bookmarks, want %d", got, want)
				}
				return
			}
			removeAll(s, bookmarks)
		}
		t.Errorf("%d imports were over before they could be interrupted", attempts)
	})
}

// awaitImport waits until a process is likely to be in the middle of an import into a
// file, or is over with it.
func awaitImport(t testing.TB, d dbtest.Database) {
	t.Helper()
	pool := d.Open(t, nil, db.WithBusyTimeout(0))
	before := bookmarksIn(t, pool)
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); {
		if n := bookmarksIn(t, pool); n == lockedOut || n > before {
			return
		}
	}
	t.Fatal("there is no import")
}

// holdAnswers returns an address of a server by which the answers to requests with a text
// in them never come. Each is told of when the server has given it.
func holdAnswers(t *testing.T, server, text string) (address string, held <-chan struct{}) {
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	given := make(chan struct{}, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte(text)) {
			forward.ServeHTTP(w, r)
			return
		}
		forward.ServeHTTP(httptest.NewRecorder(), r)
		given <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, given
}

const lockedOut = -1

// bookmarksIn counts the bookmarks in a transaction that would write.
func bookmarksIn(t testing.TB, pool *sql.DB) (n int) {
	t.Helper()
	tx, err := pool.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	switch err := tx.QueryRow("SELECT count(*) FROM bookmarks").Scan(&n); {
	case errors.Is(err, db.ErrBusy):
		return lockedOut
	case err != nil:
		t.Fatal(err)
	}
	return n
}

// removeAll removes the bookmarks that an import has added to those of fill.
func removeAll(s shell, bookmarks []bookmark) {
	s.Helper()
	args := []string{"rm", "--yes"}
	for i := range bookmarks {
		args = append(args, strconv.Itoa(4+i))
	}
	s.must(args...)
	s.must("tag", "prune")
}

// TestInterruptWait ends an import that waits for another program's writing to end.
func TestInterruptWait(t *testing.T) {
	t.Parallel()
	d := dbtest.Database{URL: filepath.Join(t.TempDir(), "marks.db")}
	s := newShell(t, d)
	fill(s)
	before := s.must("export")
	file := writeFile(t, "one.ndjson", `{"url":"https://one.example/"}`)
	release := holdLock(t, d.Open(t, nil))
	p := s.process("import", file)
	p.begin()
	// With the file open it waits for the lock, or is a moment before that.
	awaitOpen(t, p, d.URL+"-wal")
	p.signal(os.Interrupt)
	if diff := cmp.Diff(result{exitInterrupted, "", "marks: interrupted\n"}, p.end()); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	release()
	if diff := cmp.Diff(before, s.must("export")); diff != "" {
		t.Errorf("the database has changed (-before +after):\n%s", diff)
	}
	s.must("import", file)
}

// TestBrokenPipe prints more than anybody reads.
func TestBrokenPipe(t *testing.T) {
	t.Parallel()
	s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
	s.must("import", writeFile(t, "500.json", exportOf(generate(500))))
	for _, args := range [][]string{{"export"}, {"list", "--limit", "0"}, {"list", "--limit", "0", "--format", "csv"}} {
		p := s.process(args...)
		p.Stdout = nil
		stdout, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		p.begin()
		line, err := bufio.NewReaderSize(stdout, 16).ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) || len(line) == 0 {
			t.Errorf("read %q, %v", line, err)
		}
		stdout.Close()
		p.Wait()
		if p.stderr.Len() > 0 {
			t.Errorf("marks %q: %s", args, p.stderr.String())
		}
	}
}

// TestTerminal runs the sessions in testdata/terminal, in which marks is a process that
// prints on a terminal.
func TestTerminal(t *testing.T) {
	switch runtime.GOOS {
	case "linux", "darwin":
	default:
		t.Skipf("SKIPPED: testscript has no terminal on %s", runtime.GOOS)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(bin, "marks")); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/terminal",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("TERM", "xterm")
			env.Vars = append(env.Vars, processEnviron(env.Getenv("TMPDIR"))...)
			return nil
		},
	})
}

// TestImportFigures logs what a large import takes, as a process of its own.
func TestImportFigures(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's figures are not the program's")
	}
	bookmarks := largeCollection()
	html, _ := htmlOf(bookmarks)
	json := exportOf(bookmarks)
	files := map[string]string{"large.json": writeFile(t, "large.json", json), "large.html": writeFile(t, "large.html", html)}
	eachShared(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		for _, args := range [][]string{{"import", files["large.json"]}, {"import", files["large.html"]}, {"export", "-o", filepath.Join(t.TempDir(), "out.json")}} {
			p := s.process(args...)
			start := time.Now()
			p.begin()
			peak := peakMemory(p)
			if r := p.end(); r.Code != 0 {
				t.Fatal(r.Stderr)
			}
			t.Logf("%d bookmarks: marks %s %s took %v and %s", len(bookmarks),
				args[0], filepath.Base(args[len(args)-1]), time.Since(start).Round(time.Millisecond), peak)
		}
	})
}
