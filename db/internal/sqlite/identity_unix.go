//go:build unix

package sqlite

import (
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"
)

// watchesOpenFiles: a file that is open can be renamed, replaced and deleted.
const watchesOpenFiles = true

// identityAt returns the identity of the file at a path.
func identityAt(path string) (identity, error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		return identity{}, err
	}
	return identityIn(&stat), nil
}

func identityIn(stat *syscall.Stat_t) identity {
	return identity{uint64(stat.Dev), uint64(stat.Ino)}
}

// identityOf returns the identity of a file that SQLite has open.
func identityOf(file uintptr) identity {
	var stat syscall.Stat_t
	if syscall.Fstat(int((*sqlite3.TunixFile)(at(file)).Fh), &stat) != nil {
		return identity{}
	}
	return identityIn(&stat)
}

// A place is a path, from the root, at which the same file is looked for again and again.
type place struct {
	path string
	zero []byte // the path with a zero byte behind it, as the system wants it
	stat syscall.Stat_t
}

func newPlace(path string) *place {
	return &place{path: path, zero: append([]byte(path), 0)}
}

// look returns the identity of the file that is at the place now.
func (p *place) look() (identity, error) {
	if err := p.fill(); err != nil {
		return identity{}, err
	}
	return identityIn(&p.stat), nil
}
