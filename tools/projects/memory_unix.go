//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// memoryOf returns the memory of the largest of a process and the processes that it ran.
func memoryOf(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10 // other systems count kilobytes
}
