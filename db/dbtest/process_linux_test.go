package dbtest

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestServerDiesWithTest runs itself in a process that starts a server, tells
// its address and gets killed.
func TestServerDiesWithTest(t *testing.T) {
	const child = "DUOLITE_TEST_CHILD"
	s := StartServer(t)
	if os.Getenv(child) != "" {
		os.Stdout.WriteString(s.addr())
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerDiesWithTest$")
	// The child can't remove its folders.
	cmd.Env = append(os.Environ(), child+"=1", "TMPDIR="+t.TempDir())
	addr, err := cmd.Output()
	if want := "signal: killed"; err == nil || err.Error() != want {
		t.Fatalf("the child ended with error %v, want %s; it wrote %s", err, want, addr)
	}
	for range 100 {
		if _, err = net.Dial("tcp", string(addr)); errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the server at %s outlives its test: Dial returns %v", addr, err)
}
