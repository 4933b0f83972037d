package localfile_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

// unwritten returns the number of pages of a file that the disk doesn't have yet, or false if this kernel
// doesn't tell (cachestat is new in Linux 6.5).
func unwritten(t *testing.T, path string) (pages uint64, ok bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const cachestat = 451
	type stat struct{ cached, dirty, writeback, evicted, recent uint64 }
	var s stat
	all := [2]uint64{} // to the end of the file
	_, _, errno := syscall.Syscall6(cachestat, f.Fd(), uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&s)), 0, 0, 0)
	return s.dirty + s.writeback, errno == 0
}

// TestFreshCopyIsOnDisk: the disk has the pages of a first copy when its first page is committed.
func TestFreshCopyIsOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	p := filled(t)
	pages, last := p.changed(t)
	tx := begin(t, f, pages)
	if n, ok := unwritten(t, path); !ok || n == 0 {
		t.Skip("the system doesn't tell which pages the disk has")
	}
	commit(t, tx, last)
	if n, _ := unwritten(t, path); n > 0 {
		t.Errorf("the disk doesn't have %d of %d pages", n, last)
	}
}
