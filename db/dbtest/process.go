package dbtest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A process is one run of a server.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended
	err    error         // result of the process; set before exited is closed
}

// startProcess runs a program and writes its output to log.
func startProcess(path string, args []string, log *os.File) (*process, error) {
	cmd := exec.Command(path, args...)
	cmd.Env = serverEnv(os.Environ())
	cmd.Stdout = log
	cmd.Stderr = log
	cmd.SysProcAttr = sysProcAttr()

	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel kills a child when the thread that started it ends, so this thread must
		// live as long as the process.
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

// kill kills the process and waits for its end.
func (p *process) kill() {
	p.cmd.Process.Kill() // fails only if the process has ended
	<-p.exited
}

// stop asks the process to end, and waits for its end. It kills the process after timeout.
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

// ending describes how the process ended. The process must have ended.
func (p *process) ending() string {
	if p.err != nil {
		return p.err.Error()
	}
	return fmt.Sprint(p.cmd.ProcessState)
}

// serverEnv returns env without the variables for a server's settings and log level, so that
// tests don't depend on the environment.
func serverEnv(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "SQLD_") || strings.HasPrefix(v, "LIBSQL_") || strings.HasPrefix(v, "RUST_")
	})
}
