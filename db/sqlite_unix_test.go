//go:build unix

package db_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

func init() {
	orders["unprivileged"] = openUnprivileged
}

// nobody is a user that owns nothing.
const nobody = 65534

// openUnprivileged opens a database as a user to whom permissions apply, which they
// don't to root. It ends that the process is root's.
func openUnprivileged(ctx context.Context, url string) error {
	if os.Geteuid() == 0 {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			return err
		}
	}
	pool, err := db.Open(ctx, url)
	if err != nil {
		if strings.Contains(err.Error(), "permission") && !errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("no fs.ErrPermission: %w", err)
		}
		return fmt.Errorf("%s %w", kindsOf(err), err)
	}
	defer pool.Close()
	var x int
	return pool.QueryRowContext(ctx, "SELECT x FROM t").Scan(&x)
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	// Not t.TempDir, which others can't look into.
	dir, err := os.MkdirTemp("", "duolite")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	chmod := func(mode os.FileMode, path string) {
		t.Helper()
		if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"open", "fixed", "closed"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		makeDatabase(t, filepath.Join(dir, folder, "fixed.db"))
		makeDatabase(t, filepath.Join(dir, folder, "closed.db"))
		makeDatabase(t, filepath.Join(dir, folder, "app.db"))
		chmod(0o444, folder+"/fixed.db")
		chmod(0o000, folder+"/closed.db")
		chmod(0o666, folder+"/app.db")
	}
	chmod(0o755, ".")
	chmod(0o777, "open")
	chmod(0o555, "fixed")
	chmod(0o000, "closed")
	t.Cleanup(func() { chmod(0o700, "fixed"); chmod(0o700, "closed") }) // to be removed

	const (
		instead  = "; open a copy of both elsewhere, or, if nobody changes the file meanwhile, open it with file:PATH?immutable=1"
		noAccess = "can't be opened: permission denied; the user who runs the program needs permission to read it, and to write it unless it is opened with file:PATH?mode=ro"
	)
	noLog := func(path string) string {
		return "ErrCantOpen " + path + " can't be opened: its log, " + path + "-wal, which also who reads it needs, can't be made or written: permission denied" + instead
	}
	children := startChildren(t, 1)
	for _, tt := range []struct {
		url  string
		want string
	}{
		{"DIR/open/app.db", "ok"},
		{"file:DIR/open/fixed.db?mode=ro", "ok"},
		{"DIR/open/fixed.db", "ErrCantOpen DIR/open/fixed.db can't be written: " +
			"its permissions or its file system are read-only; open it with file:PATH?mode=ro to read it"},
		{"DIR/open/closed.db", "ErrCantOpen DIR/open/closed.db " + noAccess},
		{"file:DIR/open/closed.db?mode=ro", "ErrCantOpen DIR/open/closed.db " + noAccess},
		{"DIR/fixed/new.db", "ErrCantOpen DIR/fixed/new.db can't be created: permission denied"},
		{"DIR/fixed/app.db", noLog("DIR/fixed/app.db")},
		{"DIR/fixed/fixed.db", noLog("DIR/fixed/fixed.db")},
		{"file:DIR/fixed/fixed.db?mode=ro", noLog("DIR/fixed/fixed.db")},
		{"file:DIR/fixed/fixed.db?immutable=1", "ok"},
		{"file:DIR/fixed/app.db?mode=ro&immutable=1", "ok"},
		{"file:DIR/open/closed.db?immutable=1", "ErrCantOpen DIR/open/closed.db " + noAccess},
		{"DIR/closed/app.db", "ErrCantOpen DIR/closed/app.db can't be opened: permission denied"},
		{"file:DIR/closed/app.db?mode=ro", "ErrCantOpen DIR/closed/app.db can't be opened: permission denied"},
	} {
		got := order(t, children, "unprivileged", strings.ReplaceAll(tt.url, "DIR", dir))[0]
		if got = strings.ReplaceAll(got, dir, "DIR"); got != tt.want {
			t.Errorf("%s: got\n\t%s, want\n\t%s", tt.url, got, tt.want)
		}
	}
}

// TestSpecialFiles is about files that SQLite would wait for, or write to.
func TestSpecialFiles(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{fifo, os.DevNull} {
		_, err := db.Open(t.Context(), path)
		checkKind(t, path, err, db.ErrCantOpen)
		if want := path + " is not a regular file"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func init() {
	orders["few-files"] = openWithFewFiles
}

// openWithFewFiles opens a database in a process that may have so many files open.
func openWithFewFiles(ctx context.Context, argument string) error {
	number, url, _ := strings.Cut(argument, " ")
	most, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	time.Sleep(time.Millisecond) // Go's own files for timers
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	low := limit
	setMost(&low, most)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		return err
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	pool, err := db.Open(ctx, url)
	if err != nil {
		return fmt.Errorf("%s %t %w", kindsOf(err), errors.Is(err, syscall.EMFILE), err)
	}
	return pool.Close()
}

// TestTooManyFiles is about a process that may not open one more, whichever that is: the database,
// its log, the log's memory.
func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	makeDatabase(t, path)
	children := startChildren(t, 1)
	failed := 0
	for most := 3; most < 40; most++ {
		answer := order(t, children, "few-files", fmt.Sprintf("%d %s", most, path))[0]
		if answer == "ok" {
			break
		}
		failed++
		want := "ErrCantOpen true " + path + " can't be opened: too many open files; the process, or the system, has as many files open as it may: " +
			"close some, allow more (ulimit -n), or have fewer connections by WithMaxOpenConns"
		if answer != want {
			t.Errorf("%d files: got\n\t%s, want\n\t%s", most, answer, want)
		}
	}
	if failed < 3 {
		t.Errorf("%d limits were too low, want at least 3", failed)
	}
}
