package localfile_test

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/duolite/duolite/db/internal/replica/localfile"
)

// size returns the size of a file, which may not exist.
func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if err != nil {
		return 0
	}
	return info.Size()
}

// filled returns a primary with some hundred pages.
func filled(t *testing.T) *primary {
	t.Helper()
	p := newPrimary(t)
	execute(t, p.pool, "CREATE TABLE t (a, b)", "CREATE INDEX i ON t (b)",
		"INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) SELECT i, hex(randomblob(500)) FROM n")
	return p
}

// begin begins the first copy, and writes all pages.
func begin(t *testing.T, f *localfile.File, pages map[uint32][]byte) *localfile.Tx {
	t.Helper()
	tx, err := f.Begin(t.Context(), localfile.Position{}, false)
	if err != nil {
		t.Fatal(err)
	}
	for number, data := range pages { // in no order
		if err := tx.Put(t.Context(), number, data); err != nil {
			t.Fatal(err)
		}
	}
	return tx
}

func commit(t *testing.T, tx *localfile.Tx, size uint32) {
	t.Helper()
	if err := tx.Commit(t.Context(), size, localfile.Position{History: localfile.HistoryOf("log", ""), Next: 1}); err != nil {
		t.Fatal(err)
	}
}

// checkCopy compares the file with its primary.
func checkCopy(t *testing.T, path string, p *primary) {
	t.Helper()
	if got, want := dump(t, open(t, "file:"+path+"?mode=ro")), dump(t, p.pool); got != want {
		t.Errorf("the copy differs:\n%.1000s", got)
	}
}

// TestFreshCopy: the first copy isn't written to the log, and later changes are. During the first copy
// readers find an empty database, and a checkpoint of another program loses nothing. Pages come again,
// and beyond the last size.
func TestFreshCopy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	p := filled(t)
	pages, last := p.changed(t)
	before := maps.Clone(pages)
	for number := range last + 20 {
		before[number+1] = slices.Repeat([]byte{byte(rand.Int())}, localfile.PageSize)
	}
	delete(before, 1)
	tx := begin(t, f, before)
	other, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if got := dump(t, other); got != "ok\n" {
		t.Errorf("during the first copy there is %s", got)
	}
	execute(t, other, "PRAGMA wal_checkpoint(TRUNCATE)")
	for number, data := range pages {
		if err := tx.Put(t.Context(), number, data); err != nil {
			t.Fatal(err)
		}
	}
	if got := size(t, path+"-wal"); got != 0 {
		t.Errorf("the log has %d bytes", got)
	}
	commit(t, tx, last)
	if got := size(t, path+"-wal"); got > 4*localfile.PageSize {
		t.Errorf("the log has %d bytes", got)
	}
	checkCopy(t, path, p)
	execute(t, p.pool, "DELETE FROM t WHERE a % 3 = 0", "VACUUM")
	p.replicate(t, f, localfile.HistoryOf("log", ""))
	checkCopy(t, path, p)
	if got := dump(t, other); got != dump(t, p.pool) {
		t.Errorf("a connection that was open before has %.1000s", got)
	}
}

// TestFreshCopyThroughLog: another program has made the file, and reads its log. A checkpoint could cut
// off what is behind the end of the database.
func TestFreshCopyThroughLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	other, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	execute(t, other, "PRAGMA journal_mode = WAL", "PRAGMA user_version = 1")
	reading, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := reading.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema").Scan(new(int)); err != nil {
		t.Fatal(err)
	}
	f := openFile(t, path)
	p := filled(t)
	pages, last := p.changed(t)
	tx := begin(t, f, pages)
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	execute(t, other, "PRAGMA wal_checkpoint(PASSIVE)")
	commit(t, tx, last)
	checkCopy(t, path, p)
}

// TestFreshCopyCut loses the end of the log after a first copy, as a crash does, and the first copy as a
// whole. There is a copy or none, and the next one succeeds.
func TestFreshCopyCut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	p := filled(t)
	pages, last := p.changed(t)
	tx := begin(t, f, pages)
	halfway := read(t, path)
	commit(t, tx, last)
	file, log := read(t, path), read(t, path+"-wal")
	if len(halfway) < 100*localfile.PageSize || len(log) == 0 {
		t.Fatalf("the files have %d and %d bytes: the test tests something else", len(halfway), len(log))
	}
	const header, frame = 32, 24 + localfile.PageSize
	cut := func(name string, file, log []byte, whole bool) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "replica.db")
			for name, data := range map[string][]byte{path: file, path + "-wal": log} {
				if err := os.WriteFile(name, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f := openFile(t, path)
			if _, ok, err := f.Position(t.Context()); ok != whole || err != nil {
				t.Fatalf("a copy: %v, %v; want %v", ok, err, whole)
			}
			if !whole {
				small := newPrimary(t)
				execute(t, small.pool, "CREATE TABLE small (a)", "INSERT INTO small VALUES (1)")
				pages, last := small.changed(t)
				commit(t, begin(t, f, pages), last)
				checkCopy(t, path, small)
				f.Close()
				if got := size(t, path); got != int64(last)*localfile.PageSize {
					t.Errorf("the file has %d bytes, want %d pages", got, last)
				}
				return
			}
			checkCopy(t, path, p)
		})
	}
	cut("halfway", halfway, nil, false)
	for at := 0; at < len(log); at += frame / 2 {
		cut(fmt.Sprint("log ", at), file, log[:at], false)
	}
	cut("whole", file, log, true)
	if len(log) > header+4*frame {
		t.Errorf("the log has %d bytes", len(log))
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFreshCopyRolledBack: a first copy that is given up leaves nothing in the file.
func TestFreshCopyRolledBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	p := filled(t)
	pages, last := p.changed(t)
	tx := begin(t, f, pages)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := size(t, path); got != localfile.PageSize {
		t.Errorf("the file has %d bytes, want one page", got)
	}
	commit(t, begin(t, f, pages), last)
	checkCopy(t, path, p)
}
