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
	// startTimeout limits the wait for a started server to become healthy.
	startTimeout = 30 * time.Second

	// stopTimeout limits the wait for a server to end after SIGTERM.
	stopTimeout = 10 * time.Second

	// startAttempts limits how often a start is repeated because the port was taken.
	startAttempts = 5
)

// A ServerOption changes how [StartServer] starts a server.
type ServerOption func(*serverConfig)

type serverConfig struct {
	auth bool
	args []string
}

// WithAuth makes the server refuse requests without a token that is signed with a key made for
// it. By default the server accepts all requests.
func WithAuth() ServerOption {
	return func(c *serverConfig) { c.auth = true }
}

// WithArgs adds arguments to the server's command line, such as "--max-response-size", "1MB".
// The kit sets --db-path, --http-listen-addr, --no-welcome and, with [WithAuth],
// --auth-jwt-key-file; the server doesn't start if one of them is repeated.
func WithArgs(args ...string) ServerOption {
	return func(c *serverConfig) { c.args = append(c.args, args...) }
}

// A Server is a libSQL server that runs during a test. [StartServer] starts one.
//
// Kill, Stop and URL may be called from any goroutine. The other methods can fail the test, so
// call them on the test's goroutine.
type Server struct {
	tb     testing.TB
	binary string
	config serverConfig
	dir    string   // contains the data folder, the key and the log
	keys   *keyPair // nil without WithAuth
	port   int

	mu  sync.Mutex
	run *process // the latest run; it may have ended
}

// StartServer starts a libSQL server with an empty database, and waits until it answers. When
// the test and its subtests have ended, the server is killed and its data removed.
//
// With -short, StartServer skips the test. It fails the test if the server doesn't answer within
// 30 seconds. If no server binary is available it skips the test, or fails it if the environment variable CI is true.
// The package comment says where the binary comes from.
func StartServer(tb testing.TB, opts ...ServerOption) *Server {
	tb.Helper()
	if testing.Short() {
		tb.Skip("-short: the test needs a libSQL server")
	}
	s := &Server{tb: tb, binary: serverBinary(tb)}
	for _, opt := range opts {
		opt(&s.config)
	}
	s.dir = tb.TempDir()
	if err := s.writeKey(); err != nil {
		tb.Fatalf("dbtest: making the libSQL server's key: %v", err)
	}
	// The removal of the folder was registered earlier, so it runs after cleanup.
	tb.Cleanup(s.cleanup)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.startOn(freePort); err != nil {
		tb.Fatalf("dbtest: starting the libSQL server: %v", err)
	}
	return s
}

// URL returns the server's base URL, such as "http://127.0.0.1:23456". A restart doesn't
// change it.
func (s *Server) URL() string { return "http://" + s.addr() }

// String describes the server without its key.
func (s *Server) String() string { return "libSQL server at " + s.URL() }

// Kill ends the server with SIGKILL, as a crash would, and waits for its end. It does nothing
// if the server isn't running.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		s.run.kill()
	}
}

// Stop shuts the server down with SIGTERM, and waits for its end. It kills the server after 10
// seconds. It does nothing if the server isn't running.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		s.run.stop(stopTimeout)
	}
}

// Restart starts the server again with the same port and data, and waits until it answers. It
// stops a running server first, as [Server.Stop] does. It fails the test if the server doesn't
// answer within 30 seconds.
func (s *Server) Restart() {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	// Two servers would damage the data folder.
	if s.run != nil {
		s.run.stop(stopTimeout)
	}
	if err := s.startOn(func() (int, error) { return s.port, nil }); err != nil {
		s.tb.Fatalf("dbtest: restarting the libSQL server: %v", err)
	}
}

// startOn starts the server on a port. If another process uses the port at the moment, it tries again after a
// pause, with the next port.
func (s *Server) startOn(nextPort func() (int, error)) (err error) {
	for attempt := 1; ; attempt++ {
		if s.port, err = nextPort(); err != nil {
			return err
		}
		if err = s.start(); attempt == startAttempts || !errors.Is(err, errPortTaken) {
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

// args returns the arguments of the server.
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

// writeKey generates the key for tokens if the server requires them, and writes its public
// half for the server.
func (s *Server) writeKey() error {
	if !s.config.auth {
		return nil
	}
	s.keys = newKeyPair()
	return os.WriteFile(s.keyFile(), s.keys.encodePublic(), 0o600)
}

// cleanup kills the server and, if the test failed, logs the end of the server's log. A
// graceful end isn't needed, since the data is removed.
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

// maySkip reports whether a test may be skipped because of err, an error of findServer. In CI
// a skip would go unnoticed, and a wrong DUOLITE_SQLD is a mistake.
func maySkip(err error, ci bool) bool {
	return !ci && !errors.Is(err, errOverride)
}

// findServer searches the server's binary once for the process. Other tests use the result, so
// it doesn't depend on a test's context.
var findServer = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	return InstallServer(ctx)
})
