package fileid

import (
	"io"
	"os"
	"syscall"
)

// oPath is O_PATH, which package syscall hasn't got.
const oPath = 0x200000

// Pin keeps the file system from giving the ID of the file at path to another file, until the
// result is closed. Closing it drops no lock of the process, which closing a file that was opened
// for reading does. Pin returns nil if the file at path isn't the one with that id any more.
func Pin(path string, id ID) io.Closer {
	descriptor, err := syscall.Open(path, oPath|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	var stat syscall.Stat_t
	if syscall.Fstat(descriptor, &stat) != nil || idIn(&stat) != id {
		syscall.Close(descriptor)
		return nil
	}
	return os.NewFile(uintptr(descriptor), path)
}
