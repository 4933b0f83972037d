//go:build unix

package fileid

import "syscall"

// OpenFilesMove reports whether a file that is open can be renamed, replaced or deleted.
const OpenFilesMove = true

// At returns the ID of the file at a path.
func At(path string) (ID, error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		return ID{}, err
	}
	return idIn(&stat), nil
}

func idIn(stat *syscall.Stat_t) ID {
	return ID{uint64(stat.Dev), uint64(stat.Ino)}
}

// OfDescriptor returns the ID of an open file, or the zero ID.
func OfDescriptor(descriptor int) ID {
	var stat syscall.Stat_t
	if syscall.Fstat(descriptor, &stat) != nil {
		return ID{}
	}
	return idIn(&stat)
}

// A Path is an absolute path that is looked up again and again.
type Path struct {
	path string
	zero []byte // the path and a zero byte, for the system call
	stat syscall.Stat_t
}

// NewPath returns a Path. path is absolute.
func NewPath(path string) *Path {
	return &Path{path: path, zero: append([]byte(path), 0)}
}

// ID returns the ID of the file that the path leads to now.
func (p *Path) ID() (ID, error) {
	if err := p.fill(); err != nil {
		return ID{}, err
	}
	return idIn(&p.stat), nil
}
