package backup

import (
	"errors"
	"syscall"
)

// syncFolder does nothing: NTFS logs the names itself.
func syncFolder(string) error { return nil }

func isFull(err error) bool {
	const handleDiskFull, diskFull = syscall.Errno(39), syscall.Errno(112)
	return errors.Is(err, handleDiskFull) || errors.Is(err, diskFull)
}
