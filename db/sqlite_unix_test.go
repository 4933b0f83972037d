//go:build unix

package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

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

	const noLog = "can't be opened: its log, which SQLite keeps next to it, can't be written"
	children := startChildren(t, 1)
	for _, tt := range []struct {
		url  string
		want string
	}{
		{"DIR/open/app.db", "ok"},
		{"file:DIR/open/fixed.db?mode=ro", "ok"},
		{"DIR/open/fixed.db", "ErrCantOpen DIR/open/fixed.db can't be written: " +
			"its permissions or its file system are read-only; open it with file:PATH?mode=ro to read it"},
		{"DIR/open/closed.db", "ErrCantOpen open DIR/open/closed.db: unable to open database file"},
		{"file:DIR/open/closed.db?mode=ro", "ErrCantOpen open DIR/open/closed.db: unable to open database file"},
		{"DIR/fixed/new.db", "ErrCantOpen DIR/fixed/new.db can't be created: permission denied"},
		{"DIR/fixed/app.db", "ErrCantOpen DIR/fixed/app.db " + noLog},
		{"DIR/fixed/fixed.db", "ErrCantOpen DIR/fixed/fixed.db " + noLog},
		{"file:DIR/fixed/fixed.db?mode=ro", "ErrCantOpen DIR/fixed/fixed.db " + noLog},
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
