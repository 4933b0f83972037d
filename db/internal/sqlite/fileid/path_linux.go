//go:build amd64 || arm64 || 386 || arm || riscv64 || ppc64le || s390x

package fileid

import (
	"runtime"
	"syscall"
	"unsafe"
)

// statCalls are the numbers of the system call that fills in a syscall.Stat_t by a path, which
// package syscall has by several names.
var statCalls = map[string]uintptr{
	"amd64": 262, "arm64": 79, "386": 300, "arm": 327, "riscv64": 79, "ppc64le": 291, "s390x": 293,
}

var statCall = statCalls[runtime.GOARCH]

// fill asks the system for p.stat. syscall.Stat would copy the path, each time anew.
func (p *Path) fill() error {
	// The path begins at the root, so that the first argument, a folder, means nothing.
	_, _, errno := syscall.Syscall6(statCall, 0, uintptr(unsafe.Pointer(&p.zero[0])), uintptr(unsafe.Pointer(&p.stat)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
