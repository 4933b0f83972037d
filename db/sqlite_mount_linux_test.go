package db_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db"
)

// TestReadOnlyMount is about a file on a file system that can't be written, such as a CD or a
// snapshot. It takes a user who may mount one.
func TestReadOnlyMount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
		t.Skipf("can't mount a file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "app.db")
	makeDatabase(t, path)
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip(err)
	}
	noLog := path + " can't be opened: its log, " + path + "-wal, which also who reads it needs, can't be made or written: read-only file system; " +
		"open a copy of both elsewhere, or, if nobody changes the file meanwhile, open it with file:PATH?immutable=1"
	for _, mode := range []string{"rwc", "rw", "ro"} {
		_, err := db.Open(t.Context(), "file:"+path+"?mode="+mode)
		checkError(t, mode, err, db.ErrCantOpen, 14, noLog)
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v is not EROFS", mode, err)
		}
	}
	_, err := db.Open(t.Context(), filepath.Join(dir, "new.db"))
	checkError(t, "new", err, db.ErrCantOpen, 14, filepath.Join(dir, "new.db")+" can't be created: read-only file system")
	if !errors.Is(err, syscall.EROFS) {
		t.Errorf("%v is not EROFS", err)
	}
	check(t, "immutable", get[int](t, open(t, "file:"+path+"?immutable=1"), "SELECT x FROM t"), 7)
}
