package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/duolite/duolite/bench/schema"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A server is a libSQL server for all remote contestants.
type server struct {
	addr string
	cmd  *exec.Cmd
}

func (s *server) url() string { return "http://" + s.addr }

// startServer starts the server of the tests, with its settings.
func startServer(ctx context.Context, dir string) (*server, error) {
	binary, err := dbtest.InstallServer(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{addr: listener.Addr().String()}
	listener.Close()
	output, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer output.Close()
	s.cmd = exec.Command(binary, "--db-path", filepath.Join(dir, "server"), "--http-listen-addr", s.addr, "--no-welcome")
	s.cmd.Stdout, s.cmd.Stderr = output, output
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(s.url() + "/health")
		if err == nil {
			resp.Body.Close()
			return s, nil
		}
		if time.Now().After(deadline) {
			s.stop()
			return nil, err
		}
	}
}

// end has the server end by itself, with its data complete.
func (s *server) end() error {
	return errors.Join(s.cmd.Process.Signal(os.Interrupt), s.cmd.Wait())
}

func (s *server) stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// fillServer creates the tables of a file on the server.
func fillServer(ctx context.Context, url string) error {
	pool, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	return fill(ctx, pool, seeded)
}

func fill(ctx context.Context, pool *sql.DB, n int) error {
	_, err := pool.ExecContext(ctx, schema.SQL+fmt.Sprintf(fillSQL, n, ""))
	return err
}
