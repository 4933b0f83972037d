package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

// signal sends the process a signal.
func (p *process) signal(signal os.Signal) {
	p.s.Helper()
	if err := p.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.s.Skipf("SKIPPED: no signals on this system: %v", err)
	}
}

// interrupted wants the process to end because of a signal.
func (p *process) interrupted(stderr string) {
	p.s.Helper()
	if diff := cmp.Diff(result{exitInterrupted, "", stderr + "marks: interrupted\n"}, p.end()); diff != "" {
		p.s.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestImportAtOnce imports one file several times at once, into a database without a schema.
func TestImportAtOnce(t *testing.T) {
	t.Parallel()
	bookmarks := generate(100)
	file := writeFile(t, "100.json", exportOf(bookmarks))
	eachDatabase(t, func(t *testing.T, d dbtest.Database) {
		s, total := newShell(t, d), 0
		processes := make([]*process, 8)
		for i := range processes {
			processes[i] = s.process("import", file)
			processes[i].begin()
		}
		for _, p := range processes {
			r, added := p.end(), 0
			if _, err := fmt.Sscanf(r.Stderr, "100 bookmarks: %d new, 0 changed", &added); err != nil && r.Code != exitBusy {
				t.Errorf("exit code %d: %s", r.Code, r.Stderr)
			}
			total += added
		}
		if total != len(bookmarks) {
			t.Errorf("all of them together added %d bookmarks, want %d", total, len(bookmarks))
		}
		wantText(t, "export", exportOf(bookmarks), s.must("export"))
	})
}

// TestInterrupt ends commands that wait for a person: nothing is done.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := newFileShell(t)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		s.unchanged(func() {
			p := s.process("import", "-")
			stdin := p.openStdin()
			p.begin()
			// More than a pipe holds: when it is written, the process reads.
			if _, err := io.WriteString(stdin, many(100_000, `{"url":"https://%d.example/"}`+"\n")); err != nil {
				t.Fatal(err)
			}
			p.signal(signal)
			p.interrupted("")

			p = s.process("rm", "1")
			p.openStdin()
			p.Stderr = nil
			stderr, err := p.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			p.begin()
			question := make([]byte, len("1  https://a.example/\nremove 1 bookmark(s)? [y/N] "))
			if _, err := io.ReadFull(stderr, question); err != nil {
				t.Fatal(err)
			}
			p.signal(signal)
			p.stderr.Write(question)
			if _, err := p.stderr.ReadFrom(stderr); err != nil {
				t.Fatal(err)
			}
			p.interrupted("1  https://a.example/\nremove 1 bookmark(s)? [y/N] \n")
		})
	}
}

// openStdin returns a pipe to standard input, which stays open until the test ends.
func (p *process) openStdin() io.Writer {
	p.s.Helper()
	stdin, err := p.StdinPipe()
	if err != nil {
		p.s.Fatal(err)
	}
	p.s.Cleanup(func() { stdin.Close() })
	return stdin
}

// TestInterruptImport ends an import during its transaction: nothing of it stays, and the next
// one succeeds. The server's replies are held back, so that the import waits.
func TestInterruptImport(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	s := shellOn(t, server.URL())
	fill(s)
	bookmarks := generate(100)
	file := writeFile(t, "100.json", exportOf(bookmarks))
	held := make(chan struct{}, 10)
	address := startProxy(t, server.URL(), func(forward http.Handler, w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("-- name: ImportBookmarks ")) {
			forward.ServeHTTP(w, r)
			return
		}
		forward.ServeHTTP(httptest.NewRecorder(), r)
		held <- struct{}{}
		<-r.Context().Done()
	})
	s.unchanged(func() {
		p := shellOn(t, address).process("import", file)
		p.begin()
		<-held
		p.signal(os.Interrupt)
		p.interrupted("")
	})
	// A server ends the abandoned transaction after some seconds.
	s.must("import", file)
	if got, want := strings.Count(s.must("export", "--format", "ndjson"), "\n"), len(bookmarks)+3; got != want {
		t.Errorf("after the next import there are %d bookmarks, want %d", got, want)
	}
}

// startProxy returns the address of a proxy for a server. handle gets each request.
func startProxy(t *testing.T, server string, handle func(forward http.Handler, w http.ResponseWriter, r *http.Request)) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{} // without kept connections of other tests
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.Transport = transport
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(forward, w, r) }))
	t.Cleanup(func() {
		proxy.Close()
		transport.CloseIdleConnections()
	})
	return proxy.URL
}

// holdLock begins a write, which lasts until the returned function is called.
func holdLock(t testing.TB, pool *sql.DB) (release func()) {
	t.Helper()
	tx, err := pool.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE bookmarks SET title = 'not kept'"); err != nil {
		t.Fatal(err)
	}
	release = func() { tx.Rollback() }
	t.Cleanup(release)
	return release
}

// TestBusy holds the lock for longer than marks waits.
func TestBusy(t *testing.T) {
	t.Parallel()
	d := dbtest.Database{URL: filepath.Join(t.TempDir(), "marks.db")}
	s := newShell(t, d)
	fill(s)
	release := holdLock(t, d.Open(t, nil))
	s.unchanged(func() {
		s.fails(exitBusy, "database is locked; another program is writing, try again", "add", "https://d.example/")
		s.must("list")
		s.must("search", "a")
		s.must("migrate", "up")
	})
	release()
	s.must("add", "https://d.example/")
}

// TestBrokenPipe reads less than marks prints.
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
		if _, err := bufio.NewReaderSize(stdout, 16).Peek(16); err != nil {
			t.Error(err)
		}
		stdout.Close()
		p.Wait()
		if p.stderr.Len() > 0 {
			t.Errorf("marks %q: %s", args, p.stderr.String())
		}
	}
}
