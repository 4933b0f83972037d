package gen

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReplaceFile: a file is the old one or the new, and nothing is left beside it.
func TestReplaceFile(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "query.sql.go")
	for _, text := range []string{"old", "new"} {
		if err := replaceFile(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("the file is %q, %v; want %q", got, err, text)
		}
	}
	taken := filepath.Join(folder, "taken") // by a folder, which no file replaces
	if err := os.MkdirAll(filepath.Join(taken, "inner"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(taken, []byte("new")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 2 {
		t.Errorf("the folder has %v, %v; want the file and the folder alone", entries, err)
	}
}
