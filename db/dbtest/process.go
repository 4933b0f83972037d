package dbtest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A process is one run of a server.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed once the process is gone
	err    error         // how it ended; set before exited is closed
}

// startProcess runs a program with its output going to the file log.
func startProcess(path string, args []string, log *os.File) (*process, error) {
	cmd := exec.Command(path, args...)
	cmd.Env = serverEnv(os.Environ())
	cmd.Stdout = log
	cmd.Stderr = log
	cmd.SysProcAttr = sysProcAttr()

	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel takes the end of the thread that started a child for
		// the death of its parent, so this thread has to outlive it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// kill ends the process at once and waits until it is gone.
func (p *process) kill() {
	p.cmd.Process.Kill() // fails only if the process has ended
	<-p.exited
}

// stop asks the process to end and waits until it is gone. After the given
// time it kills the process.
func (p *process) stop(timeout time.Duration) {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err == nil {
		select {
		case <-p.exited:
			return
		case <-time.After(timeout):
		}
	}
	p.kill()
}

// ending describes how the process ended. It may be called once it has.
func (p *process) ending() string {
	if p.err != nil {
		return p.err.Error()
	}
	return fmt.Sprint(p.cmd.ProcessState)
}

// serverEnv returns env without the variables by which a server takes settings
// and a log level: a test's server is the same in every environment.
func serverEnv(env []string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, "SQLD_") && !strings.HasPrefix(v, "LIBSQL_") && !strings.HasPrefix(v, "RUST_") {
			kept = append(kept, v)
		}
	}
	return kept
}
