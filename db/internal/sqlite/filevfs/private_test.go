//go:build unix

package filevfs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// TestOpenPrivate opens files as SQLite does, the journal that ties several databases together
// among them, which exists only during a commit.
func TestOpenPrivate(t *testing.T) {
	t.Parallel()
	if !Register() {
		t.Fatal("not registered")
	}
	tls := libc.NewTLS()
	defer tls.Close()
	const create = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE
	kinds := map[string]int32{
		"database":      create | sqlite3.SQLITE_OPEN_MAIN_DB,
		"super-journal": create | sqlite3.SQLITE_OPEN_SUPER_JOURNAL | sqlite3.SQLITE_OPEN_EXCLUSIVE,
	}
	for kind, flags := range kinds {
		for _, name := range []string{Name, Plain} {
			testOpenPrivate(t, tls, kind+" of "+name, name, flags)
		}
	}
}

func testOpenPrivate(t *testing.T, tls *libc.TLS, what, name string, flags int32) {
	t.Helper()
	var m cmem.Memory
	m.Grow(tls, len(name)+1)
	defer m.Free(tls)
	system := sqlite3.Xsqlite3_vfs_find(tls, cmem.Put(&m, 0, name))
	xOpen := cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](cmem.As[sqlite3.Tsqlite3_vfs](system).FxOpen)
	path := filepath.Join(t.TempDir(), "file")
	for _, mode := range []os.FileMode{0o600, 0o640} {
		var m cmem.Memory
		m.Grow(tls, len(path)+3)
		cmem.Put(&m, 0, path+"\x00\x00") // two zero bytes end the parameters behind a name
		file := sqlite3.Xsqlite3_malloc(tls, 4096)
		if rc := xOpen(tls, system, m.At(0), file, flags, 0); rc != sqlite3.SQLITE_OK {
			t.Fatalf("%s: error %d", what, rc)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode {
			t.Errorf("%s: mode %v, want %v", what, info.Mode(), mode)
		}
		if err := os.Chmod(path, 0o640); err != nil { // the mode of a file that exists stays
			t.Fatal(err)
		}
	}
}
