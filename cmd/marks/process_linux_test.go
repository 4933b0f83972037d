package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// awaitOpen waits until a process has a file open whose path begins so.
func awaitOpen(t testing.TB, p *process, path string) {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/fd", p.Process.Pid)
	for {
		open, err := os.ReadDir(folder)
		if err != nil || len(open) == 0 {
			t.Fatalf("the process is gone: %v: %s", err, p.stderr.String())
		}
		for _, entry := range open {
			if target, _ := os.Readlink(folder + "/" + entry.Name()); strings.HasPrefix(target, path) {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
}

var peakLine = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// peakMemory waits until a process is over, and returns the most memory that it had at
// a time, as it was a moment before the end. (What the system says at the end counts the
// memory of the process that started it.)
func peakMemory(p *process) string {
	var kib int64
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
		match := peakLine.FindSubmatch(status)
		if err != nil || match == nil {
			return byteCount(kib<<10) + " of memory"
		}
		kib, _ = strconv.ParseInt(string(match[1]), 10, 64)
		time.Sleep(time.Millisecond)
	}
}
