package sqlite

import (
	"path/filepath"
	"syscall"
	"unsafe"
)

var getDriveType = syscall.NewLazyDLL("kernel32.dll").NewProc("GetDriveTypeW")

// networkShare is the name of any network file system in errors.
const networkShare = "a network share"

// driveRemote is DRIVE_REMOTE, a network's.
const driveRemote = 4

// networkFS says that a file is on a network share, or "" where it is on a disk of this machine. It
// goes by the path: \\server\share, or a drive's letter that stands for a share.
func networkFS(path string) (string, error) {
	if isUNC(path) {
		return networkShare, nil
	}
	root, err := syscall.UTF16PtrFromString(filepath.VolumeName(path) + `\`)
	if err != nil {
		return "", err
	}
	if kind, _, _ := getDriveType.Call(uintptr(unsafe.Pointer(root))); kind == driveRemote {
		return networkShare, nil
	}
	return "", nil
}
