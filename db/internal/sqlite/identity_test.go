package sqlite

import (
	"os"
	"path/filepath"
	"testing"
)

// TestIdentity compares the ways to ask which file is at a path.
func TestIdentity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b é 日本")
	for _, path := range []string{a, b} {
		must(t, os.WriteFile(path, nil, 0o600))
		want, err := identityAt(path)
		must(t, err)
		got, err := newPlace(path).look()
		must(t, err)
		check(t, path, got == want && got != identity{}, true)
	}
	isA, _ := identityAt(a)
	isB, _ := identityAt(b)
	check(t, "two files are one", isA == isB, false)
	place := newPlace(a)
	must(t, os.Rename(a, a+"2"))
	if _, err := place.look(); !os.IsNotExist(err) {
		t.Errorf("error %v, want that there is none", err)
	}
	must(t, os.Rename(b, a))
	got, err := place.look()
	must(t, err)
	check(t, "another file at the place", got == isB, true)
}
