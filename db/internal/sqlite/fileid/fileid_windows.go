package fileid

import "syscall"

// OpenFilesMove reports whether a file that is open can be renamed, replaced or deleted. SQLite
// opens files so that they can't.
const OpenFilesMove = false

// At returns the ID of the file at a path. It opens the file without any access, which takes no
// lock, and loses none when it is closed.
func At(path string) (ID, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return ID{}, err
	}
	const share = syscall.FILE_SHARE_READ | syscall.FILE_SHARE_WRITE | syscall.FILE_SHARE_DELETE
	handle, err := syscall.CreateFile(name, 0, share, nil, syscall.OPEN_EXISTING, syscall.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return ID{}, err
	}
	defer syscall.CloseHandle(handle)
	var info syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(handle, &info); err != nil {
		return ID{}, err
	}
	return ID{uint64(info.VolumeSerialNumber), uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)}, nil
}

// OfDescriptor returns the zero ID.
func OfDescriptor(int) ID { return ID{} }

// A Path is a path that is looked up again and again.
type Path struct{ path string }

// NewPath returns a Path.
func NewPath(path string) *Path { return &Path{path} }

// ID returns the ID of the file that the path leads to now.
func (p *Path) ID() (ID, error) { return At(p.path) }
