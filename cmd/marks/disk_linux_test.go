package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk returns a folder with room for a megabyte and a half. Without the permission to
// mount one, it skips the test.
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

// largeFile returns an export that has no room on a small disk. Its notes have no words, which
// would take long to index.
func largeFile(t *testing.T) string {
	t.Helper()
	return writeFile(t, "large.ndjson", many(40, `{"url":"https://%d.example/","notes":"`+strings.Repeat("-", 50_000)+"\"}\n"))
}

// TestDiskFull imports more than the disk has room for: nothing of it stays.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := shellOn(t, filepath.Join(smallDisk(t), "marks.db"))
	fill(s)
	large := largeFile(t)
	s.unchanged(func() {
		s.fails(exitUnavailable, "marks: database or disk is full", "import", large)
		s.fails(exitUnavailable, "marks: ", "attach", "1", large)
	})
	s.must("add", "https://d.example/")
	s.must("search", "d")
}

// TestExportDiskFull keeps the older export if the disk has no room for the new one.
func TestExportDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	s := newFileShell(t)
	backup := filepath.Join(disk, "backup.json")
	s.must("export", "-o", backup)
	want := s.must("export")
	s.must("import", largeFile(t))
	s.fails(exitFailure, "no space left on device", "export", "-o", backup)
	if got, err := os.ReadFile(backup); err != nil || string(got) != want {
		t.Errorf("the older export has changed: %v", err)
	}
	if entries, err := os.ReadDir(disk); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v; want the export alone", entries, err)
	}
}
