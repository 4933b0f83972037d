//go:build !linux

package dbtest

import "syscall"

// sysProcAttr returns no attributes: other systems can't end a server with its parent. The
// server stays in the test's process group, so an interrupt from the terminal ends both.
func sysProcAttr() *syscall.SysProcAttr { return nil }
