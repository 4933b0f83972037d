package localfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/google/go-cmp/cmp"
)

// toRevision brings the primary's changes to a file, at a revision.
func (p *primary) toRevision(t *testing.T, f *localfile.File, revision string) {
	t.Helper()
	pos, ok, err := f.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := f.Begin(t.Context(), pos, ok)
	if err != nil {
		t.Fatal(err)
	}
	changed, size := p.changed(t)
	for number, data := range changed {
		if err := tx.Put(t.Context(), number, data); err != nil {
			t.Fatal(err)
		}
	}
	next := localfile.AtRevision(localfile.HistoryOf("url", ""), revision)
	if next.Epoch = pos.Epoch; ok && pos.History != next.History {
		next.Epoch++
	}
	if err := tx.Commit(t.Context(), size, next); err != nil {
		t.Fatal(err)
	}
	if is, ok, err := f.Position(t.Context()); is != next || !ok || err != nil {
		t.Fatalf("position %+v, %v, %v; want %+v", is, ok, err, next)
	}
}

// wantRevision wants the file to be at a revision; "" is an unknown one.
func wantRevision(t *testing.T, f *localfile.File, revision string) {
	t.Helper()
	pos, ok, err := f.Position(t.Context())
	if err != nil || !ok || !pos.HasRevision() || pos.Revision != revision || pos.History != localfile.HistoryOf("url", "") {
		t.Errorf("%+v, %v, %v; want revision %q", pos, ok, err, revision)
	}
}

// TestRevision: the file knows its revision after it is opened again, over a link too, and the content
// is the revision's.
func TestRevision(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, link := filepath.Join(folder, "replica.db"), filepath.Join(folder, "link.db")
	if err := os.Symlink(path, link); err != nil {
		link = path // some systems have no links
	}
	p := newPrimary(t)
	for _, revision := range []string{"1", "g1:o80", strings.Repeat("x", 256), "1"} {
		for _, name := range []string{path, link} {
			f := openFile(t, name)
			execute(t, p.pool, "CREATE TABLE IF NOT EXISTS x (a)", "INSERT INTO x VALUES (1)")
			p.toRevision(t, f, revision)
			wantRevision(t, f, revision)
			f.Close()
			wantRevision(t, openFile(t, name), revision)
		}
	}
	if diff := cmp.Diff(dump(t, p.pool), dump(t, open(t, "file:"+path+"?mode=ro"))); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "a\nb", strings.Repeat("x", 257)} {
		f := openFile(t, path)
		pos, _, _ := f.Position(t.Context())
		tx, err := f.Begin(t.Context(), pos, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(t.Context(), 1, localfile.AtRevision(pos.History, bad)); err == nil {
			t.Errorf("the revision %q was kept", bad)
		}
		wantRevision(t, f, "1")
	}
}

// TestRevisionCrash: the second file as each crash and each power failure may leave it. Either one of
// its lines belongs to the content, or the revision is unknown.
func TestRevisionCrash(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	second := path + "-replica"
	f, p := openFile(t, path), newPrimary(t)
	contents := [][]byte{}
	revisions := []string{"7", "8", "9", "10"}
	for _, revision := range revisions {
		execute(t, p.pool, "CREATE TABLE IF NOT EXISTS x (a)", "INSERT INTO x VALUES (1)")
		p.toRevision(t, f, revision)
		content, err := os.ReadFile(second)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, content)
	}
	if string(contents[3]) != "9\n10\n" {
		t.Errorf("the second file has %q", contents[3])
	}
	write := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(second, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("10\n11\n")) // before the next transaction was committed
	wantRevision(t, f, "10")
	for _, lost := range [][]byte{contents[2], []byte("11\n12\n"), nil, []byte("1"), []byte("\n\n")} {
		write(lost)
		wantRevision(t, f, "")
	}
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	wantRevision(t, f, "")

	// A transaction goes on from an unknown revision, and from no other content than the known one.
	pos, ok, _ := f.Position(t.Context())
	p.toRevision(t, openFile(t, path), "20")
	if _, err := f.Begin(t.Context(), pos, ok); !errors.Is(err, localfile.ErrMoved) {
		t.Errorf("%v, want ErrMoved", err)
	}
	wantRevision(t, f, "20")
	left, err := filepath.Glob(second + "?*")
	if err != nil || left != nil {
		t.Errorf("files are left: %q, %v", left, err)
	}
}

// TestRevisionAndFrames: a file changes between the two forms of positions, and is never taken for the
// other one.
func TestRevisionAndFrames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f, p := openFile(t, path), newPrimary(t)
	for i := range uint8(3) {
		execute(t, p.pool, "CREATE TABLE IF NOT EXISTS x (a)", fmt.Sprintf("CREATE TABLE x%d (a)", i))
		p.toRevision(t, f, "7")
		wantRevision(t, f, "7")
		execute(t, p.pool, fmt.Sprintf("CREATE TABLE y%d (a)", i))
		if pos := p.replicate(t, f, localfile.HistoryOf("log", "")); pos.HasRevision() || pos.Epoch != 2*i+1 {
			t.Errorf("a position in frames: %+v", pos)
		}
	}
}
