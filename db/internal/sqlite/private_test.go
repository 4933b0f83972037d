//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// TestOpenPrivately opens files as SQLite does, the journal that ties several databases together
// among them, which is there only for the time of a commit.
func TestOpenPrivately(t *testing.T) {
	t.Parallel()
	must(t, registerFileVFS())
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString(fileVFS)
	must(t, err)
	defer libc.Xfree(tls, name)
	vfs := sqlite3.Xsqlite3_vfs_find(tls, name)
	const create = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE
	for what, flags := range map[string]int32{
		"database":      create | sqlite3.SQLITE_OPEN_MAIN_DB,
		"super-journal": create | sqlite3.SQLITE_OPEN_SUPER_JOURNAL | sqlite3.SQLITE_OPEN_EXCLUSIVE,
	} {
		path := filepath.Join(t.TempDir(), "file")
		for _, mode := range []os.FileMode{0o600, 0o640} {
			var name memory
			name.grow(tls, len(path)+3)
			put(&name, 0, path+"\x00\x00") // two zero bytes end what SQLite has behind a name
			file := sqlite3.Xsqlite3_malloc(tls, 4096)
			rc := fileOpen(tls, vfs, name.p, file, flags, 0)
			check(t, what, rc, sqlite3.SQLITE_OK)
			info, err := os.Stat(path)
			must(t, err)
			check(t, what, info.Mode(), mode)
			must(t, os.Chmod(path, 0o640)) // the mode of a file that exists stays
		}
	}
}
