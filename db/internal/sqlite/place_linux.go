//go:build linux && (amd64 || arm64)

package sqlite

import (
	"runtime"
	"syscall"
	"unsafe"
)

// fill asks the system for p.stat. Other than syscall.Stat it makes no copy of the path, since
// this is done all the time.
func (p *place) fill() error {
	call := uintptr(262) // newfstatat
	if runtime.GOARCH == "arm64" {
		call = 79 // fstatat
	}
	// The path begins at the root, so that the first argument, a folder, means nothing.
	_, _, errno := syscall.Syscall6(call, 0, uintptr(unsafe.Pointer(&p.zero[0])), uintptr(unsafe.Pointer(&p.stat)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
