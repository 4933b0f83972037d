package sqlite

import (
	"io"
	"os"
	"syscall"
)

// oPath is O_PATH, which package syscall hasn't got.
const oPath = 0x200000

// pin keeps the file at a path from being freed, if it is still the one that is meant, so
// that no other file gets its identity while no connection is open. To close it loses no locks of
// the process, other than to close a file that was opened to be read. It returns nil where
// there is nothing to close.
func pin(path string, is identity) io.Closer {
	descriptor, err := syscall.Open(path, oPath|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	var stat syscall.Stat_t
	if syscall.Fstat(descriptor, &stat) != nil || identityIn(&stat) != is {
		syscall.Close(descriptor)
		return nil
	}
	return os.NewFile(uintptr(descriptor), path)
}
