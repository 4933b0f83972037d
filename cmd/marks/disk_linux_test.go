package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallDisk returns a folder with room for a megabyte and a half, or skips the test where it
// may not mount one.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	err := syscall.Mount("none", folder, "tmpfs", 0, "size=1536k")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.ENOSYS) {
		t.Skipf("SKIPPED, MAY NOT MOUNT A SMALL DISK: %v; run as root", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// largeFile returns an export that has no room on a small disk. Its notes have no words,
// which would take long to index.
func largeFile(t *testing.T) string {
	t.Helper()
	return writeFile(t, "large.ndjson", many(40, `{"url":"https://%d.example/","notes":"`+strings.Repeat("-", 50_000)+"\"}\n"))
}

// TestDiskFull imports more than there is room for: nothing of it stays.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	s := shellOn(t, filepath.Join(disk, "marks.db"))
	fill(s)
	large := largeFile(t)
	s.refuses(exitUnavailable, "marks: database or disk is full", "import", large)
	s.refuses(exitUnavailable, "marks: database or disk is full", "attach", "1", large)
	s.must("add", "https://d.example/")
	s.must("search", "d")
}

// TestExportDiskFull keeps the older export when there is no room for the new one.
func TestExportDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
	fill(s)
	backup := filepath.Join(disk, "backup.json")
	s.must("export", "-o", backup)
	before, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	s.must("import", largeFile(t))
	s.refuses(exitFailure, "no space left on device", "export", "-o", backup)
	after, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Errorf("the older export has changed (-before +after):\n%s", diff)
	}
	if entries, err := os.ReadDir(disk); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want the export alone", entries, err)
	}
}
