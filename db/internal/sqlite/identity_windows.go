package sqlite

import "syscall"

// watchesOpenFiles: a file that SQLite has open can't be renamed, replaced or deleted. What
// happens while no connection is open is seen when the next one is opened.
const watchesOpenFiles = false

// identityAt returns the identity of the file at a path. It is opened for nothing, which takes
// no lock, and loses none when it is closed.
func identityAt(path string) (identity, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return identity{}, err
	}
	const share = syscall.FILE_SHARE_READ | syscall.FILE_SHARE_WRITE | syscall.FILE_SHARE_DELETE
	handle, err := syscall.CreateFile(name, 0, share, nil, syscall.OPEN_EXISTING, syscall.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return identity{}, err
	}
	defer syscall.CloseHandle(handle)
	var info syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(handle, &info); err != nil {
		return identity{}, err
	}
	return identity{uint64(info.VolumeSerialNumber), uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)}, nil
}

func identityOf(uintptr) identity { return identity{} }

// A place is a path at which the same file is looked for again and again.
type place struct{ path string }

func newPlace(path string) *place { return &place{path} }

func (p *place) look() (identity, error) { return identityAt(p.path) }
