package db_test

import "syscall"

func setMost(limit *syscall.Rlimit, n int) { limit.Cur = int64(n) }
