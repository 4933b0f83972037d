package dbtest

import "syscall"

// sysProcAttr makes the kernel kill the server if the test process ends without cleanup, for
// example by a panic or a timeout.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
