package fileid

import (
	"os"
	"path/filepath"
	"testing"
)

// TestID compares the ways to ask for the file at a path.
func TestID(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b é 日本")
	for _, path := range []string{a, b} {
		must(os.WriteFile(path, nil, 0o600))
		want, err := At(path)
		must(err)
		got, err := NewPath(path).ID()
		must(err)
		if got != want || got == (ID{}) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	idA, _ := At(a)
	idB, _ := At(b)
	if idA == idB {
		t.Error("two files have the same ID")
	}
	path := NewPath(a)
	must(os.Rename(a, a+"2"))
	if _, err := path.ID(); !os.IsNotExist(err) {
		t.Errorf("error %v, want that the file doesn't exist", err)
	}
	must(os.Rename(b, a))
	got, err := path.ID()
	must(err)
	if got != idB {
		t.Errorf("after a rename: got %v, want %v", got, idB)
	}
}
