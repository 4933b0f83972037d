package dbtest

import "syscall"

// sysProcAttr makes the kernel kill a server whose test process ended without
// cleaning up, by a panic or a time limit for instance.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
