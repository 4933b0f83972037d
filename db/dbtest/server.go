package dbtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

const (
	// startTimeout bounds the wait for a started server to become healthy.
	startTimeout = 30 * time.Second

	// stopTimeout bounds the wait for a server to end by itself.
	stopTimeout = 10 * time.Second

	// startAttempts bounds how often a start is tried anew because the
	// port was taken.
	startAttempts = 5
)

// A ServerOption changes how [StartServer] starts a server.
type ServerOption func(*serverConfig)

type serverConfig struct {
	auth bool
	args []string
}

// WithAuth makes the server refuse requests that don't bear a token signed
// with a key made for it. The default is to let in everyone.
func WithAuth() ServerOption {
	return func(c *serverConfig) { c.auth = true }
}

// WithArgs adds arguments to the server's command line, such as
// "--max-response-size", "1MB". The kit itself gives --db-path, --http-listen-addr,
// --no-welcome and, with [WithAuth], --auth-jwt-key-file; the server refuses
// to start when one of them is repeated.
func WithArgs(args ...string) ServerOption {
	return func(c *serverConfig) { c.args = append(c.args, args...) }
}

// A Server is a libSQL server that runs for the duration of a test.
// [StartServer] starts one.
//
// Kill, Stop and URL may be called from any goroutine. The other methods can
// fail the test, so they belong on the goroutine that runs it.
type Server struct {
	tb     testing.TB
	binary string
	config serverConfig
	dir    string   // holds the data folder, the key and the log
	keys   *keyPair // nil without WithAuth
	port   int

	mu  sync.Mutex
	run *process // the latest run; it may have ended
}

// StartServer starts a libSQL server with an empty database, waits until it
// answers, and returns it. The server is killed, and its data removed, when
// the test and its subtests are over.
//
// It fails the test if the server doesn't answer within 30 seconds. If there
// is no server binary to be had it skips the test, or fails it when the
// environment variable CI is true; the package comment says where the binary
// comes from.
func StartServer(tb testing.TB, opts ...ServerOption) *Server {
	tb.Helper()
	s := &Server{tb: tb, binary: serverBinary(tb)}
	for _, opt := range opts {
		opt(&s.config)
	}
	s.dir = tb.TempDir()
	if err := s.writeKey(); err != nil {
		tb.Fatalf("dbtest: making the libSQL server's key: %v", err)
	}
	// The folder's removal was registered before this, so it comes after.
	tb.Cleanup(s.cleanup)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.startOnFreePort(); err != nil {
		tb.Fatalf("dbtest: starting the libSQL server: %v", err)
	}
	return s
}

// URL returns the server's base URL, such as "http://127.0.0.1:23456". It
// stays the same over restarts.
func (s *Server) URL() string { return "http://" + s.addr() }

// String describes the server without its key.
func (s *Server) String() string { return "libSQL server at " + s.URL() }

// Kill ends the server as a crash would, with SIGKILL, and returns once it is
// gone. It does nothing if the server isn't running.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		s.run.kill()
	}
}

// Stop asks the server to shut down, with SIGTERM, and returns once it is
// gone. A server that takes longer than 10 seconds is killed. Stop does
// nothing if the server isn't running.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		s.run.stop(stopTimeout)
	}
}

// Restart starts the server again, on the same port and with the same data,
// and returns once it answers. A server that is still running is stopped
// first, as by [Server.Stop]. Restart fails the test if the server doesn't
// answer within 30 seconds.
func (s *Server) Restart() {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	// Two servers on one data folder would damage it.
	if s.run != nil {
		s.run.stop(stopTimeout)
	}
	if err := s.startOnSamePort(); err != nil {
		s.tb.Fatalf("dbtest: restarting the libSQL server: %v", err)
	}
}

// startOnFreePort starts the server on a port of its choice. Another process
// may take the port between its choice and its use, so it tries a few.
func (s *Server) startOnFreePort() error {
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return err
		}
		s.port = port
		err = s.start()
		if attempt == startAttempts || !errors.Is(err, errPortTaken) {
			return err
		}
	}
}

// startOnSamePort starts the server on the port it had. Should another process
// be trying that port just now, it gives it a moment to let go.
func (s *Server) startOnSamePort() error {
	for attempt := 1; ; attempt++ {
		err := s.start()
		if attempt == startAttempts || !errors.Is(err, errPortTaken) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// start runs the server once and waits until it answers.
func (s *Server) start() error {
	log, err := openLog(s.logFile())
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own descriptor
	run, err := startProcess(s.binary, s.args(), log.File)
	if err != nil {
		return err
	}
	s.run = run
	return awaitReady(run, log, s.addr(), startTimeout)
}

// args returns the server's command line.
func (s *Server) args() []string {
	args := []string{
		"--db-path", filepath.Join(s.dir, "data"),
		"--http-listen-addr", s.addr(),
		"--no-welcome",
	}
	if s.keys != nil {
		args = append(args, "--auth-jwt-key-file", s.keyFile())
	}
	return append(args, s.config.args...)
}

// writeKey makes the key that tokens are signed with, if the server is to ask
// for tokens, and writes the half of it that the server needs.
func (s *Server) writeKey() error {
	if !s.config.auth {
		return nil
	}
	s.keys = newKeyPair()
	return os.WriteFile(s.keyFile(), s.keys.encodePublic(), 0o600)
}

// cleanup ends the server and, if the test failed, shows the end of its log.
// Its data is about to be removed, so there is no point in a graceful end.
func (s *Server) cleanup() {
	s.Kill()
	if !s.tb.Failed() {
		return
	}
	tail, err := logTail(s.logFile())
	switch {
	case errors.Is(err, os.ErrNotExist): // never started
	case err != nil:
		s.tb.Logf("dbtest: reading the log of the %v: %v", s, err)
	default:
		s.tb.Logf("dbtest: end of the log of the %v:\n%s", s, tail)
	}
}

func (s *Server) addr() string    { return "127.0.0.1:" + strconv.Itoa(s.port) }
func (s *Server) logFile() string { return filepath.Join(s.dir, "sqld.log") }
func (s *Server) keyFile() string { return filepath.Join(s.dir, "key.pub") }

// serverBinary returns the path of the server's binary, or ends the test.
func serverBinary(tb testing.TB) string {
	tb.Helper()
	path, err := findServer()
	if err == nil {
		return path
	}
	ci, _ := strconv.ParseBool(os.Getenv("CI"))
	if maySkip(err, ci) {
		tb.Skipf("dbtest: SKIPPED, THERE IS NO LIBSQL SERVER: %v", err)
	}
	tb.Fatalf("dbtest: no libSQL server: %v", err)
	panic("unreachable")
}

// maySkip reports whether a test may be skipped because of err, an error of
// looking for the server. In CI a skip would go unseen, and a DUOLITE_SQLD that
// is wrong is a mistake rather than a lack.
func maySkip(err error, ci bool) bool {
	return !ci && !errors.Is(err, errOverride)
}

// findServer looks for the server's binary, once for the process. What comes of
// it is kept for other tests, so no test's context bounds it.
var findServer = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	return InstallServer(ctx)
})
