package dbtest

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// startStubborn starts a program that is no server and ignores SIGTERM.
func startStubborn(t *testing.T) (*process, *serverLog) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	log, err := openLog(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	p, err := startProcess("/bin/sh", []string{"-c", "trap '' TERM; echo deaf; exec sleep 60"}, log.File)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for {
		out, err := log.output()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out, []byte("deaf")) {
			return p, log
		}
		time.Sleep(time.Millisecond)
	}
}

func TestStopKillsInTheEnd(t *testing.T) {
	t.Parallel()
	p, _ := startStubborn(t)
	p.stop(20 * time.Millisecond)
	check(t, "ending", p.ending(), "signal: killed")
}

func TestNotReadyInTime(t *testing.T) {
	t.Parallel()
	p, log := startStubborn(t)
	err := awaitReady(p, log, "127.0.0.1:1", 50*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "not healthy within 50ms") {
		t.Errorf("got error %v, want that it is not healthy in time", err)
	}
	check(t, "ending", p.ending(), "signal: killed")
}

func TestStartProcessFails(t *testing.T) {
	t.Parallel()
	if _, err := startProcess(filepath.Join(t.TempDir(), "none"), nil, nil); err == nil {
		t.Error("no error for a program that doesn't exist")
	}
}
