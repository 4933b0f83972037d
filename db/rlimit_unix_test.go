//go:build unix && !freebsd

package db_test

import "syscall"

func setMost(limit *syscall.Rlimit, n int) { limit.Cur = uint64(n) }
