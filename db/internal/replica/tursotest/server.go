package tursotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience limits the wait for the server.
const patience = 60 * time.Second

// A Server is a running tursodb.
type Server struct {
	// Path is the path of its database.
	Path string

	t      testing.TB
	binary string
	addr   string
	cmd    *exec.Cmd // nil while it doesn't run
}

// Start starts a server with a new database. It skips the test if tursodb can't be installed.
func Start(t testing.TB) *Server {
	t.Helper()
	binary, err := install(t.Context())
	if err != nil {
		t.Skipf("tursodb %s, the server of this test, can't be installed: %v", version, err)
	}
	s := &Server{Path: filepath.Join(t.TempDir(), "server.db"), t: t, binary: binary}
	t.Cleanup(s.Kill)
	for range 20 {
		// Below the ephemeral ports, so that no other connection gets the port of a stopped server.
		s.addr = fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if listener, err := net.Listen("tcp", s.addr); err == nil {
			listener.Close()
			s.Restart()
			return s
		}
	}
	t.Fatal("there is no free port")
	return nil
}

// URL returns the server's address.
func (s *Server) URL() string { return "http://" + s.addr }

// Restart starts the server after Stop or Kill.
func (s *Server) Restart() {
	s.t.Helper()
	s.cmd = exec.Command(s.binary, s.Path, "--sync-server", s.addr)
	s.cmd.Stderr = s.t.Output()
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		_, err := s.Query("SELECT 1")
		if err == nil {
			return
		}
		if time.Since(began) > patience {
			s.t.Fatal(err)
		}
	}
}

// Stop ends the server in an orderly way.
func (s *Server) Stop() { s.end(os.Interrupt) }

// Kill ends the server at once.
func (s *Server) Kill() { s.end(os.Kill) }

func (s *Server) end(signal os.Signal) {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(signal) // fails only if the process has ended
	s.cmd.Wait()
	s.cmd = nil
}

// Shell runs a statement with tursodb's shell, while the server doesn't run.
func (s *Server) Shell(sql string) {
	s.t.Helper()
	if out, err := exec.Command(s.binary, "--quiet", s.Path, sql).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v: %s", sql, err, out)
	}
}

// Exec runs statements, each in a transaction of its own.
func (s *Server) Exec(statements ...string) {
	s.t.Helper()
	for _, sql := range statements {
		if _, err := s.Query(sql); err != nil {
			s.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// Query runs a statement, and returns each row as JSON.
func (s *Server) Query(sql string) (rows []string, err error) {
	request, err := json.Marshal(map[string]any{"requests": []any{map[string]any{"type": "execute", "stmt": map[string]any{"sql": sql}}}})
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	reply, err := client.Post(s.URL()+"/v2/pipeline", "application/json", bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Results []struct {
			Error    *struct{ Message string }
			Response struct {
				Result struct{ Rows []json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Results) != 1 {
		return nil, fmt.Errorf("%s: %.300s", reply.Status, body)
	}
	if failed := answer.Results[0].Error; failed != nil {
		return nil, fmt.Errorf("%s", failed.Message)
	}
	for _, row := range answer.Results[0].Response.Result.Rows {
		rows = append(rows, string(row))
	}
	return rows, nil
}
