package dbtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A reply is what a server answers to one statement.
type reply struct {
	Status int
	Error  string   // the error code, or the message if there is none
	Values []string // the first row's values
}

// query executes one statement on the server at url.
func query(t *testing.T, url, token, sql string) reply {
	t.Helper()
	r, err := tryQuery(t, url, token, sql)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tryQuery(t *testing.T, url, token, sql string) (reply, error) {
	t.Helper()
	type object = map[string]any
	body, err := json.Marshal(object{"requests": []any{
		object{"type": "execute", "stmt": object{"sql": sql}},
		object{"type": "close"},
	}})
	if err != nil {
		return reply{}, err
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v2/pipeline", bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	return parseReply(resp.StatusCode, text)
}

func parseReply(status int, text []byte) (reply, error) {
	r := reply{Status: status}
	if status != http.StatusOK {
		return r, nil
	}
	var body struct {
		Results []struct {
			Error    struct{ Code, Message string }
			Response struct {
				Result struct {
					Rows [][]struct{ Value string }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &body); err != nil {
		return r, fmt.Errorf("%w in %s", err, text)
	}
	first := body.Results[0]
	r.Error = first.Error.Code
	if r.Error == "" {
		r.Error = first.Error.Message
	}
	if rows := first.Response.Result.Rows; len(rows) > 0 {
		for _, v := range rows[0] {
			r.Values = append(r.Values, v.Value)
		}
	}
	return r, nil
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestStartServer(t *testing.T) {
	t.Parallel()
	s := StartServer(t)
	check(t, "select", query(t, s.URL(), "", "select 1, 'one'"), reply{Status: 200, Values: []string{"1", "one"}})
}

func TestWithArgs(t *testing.T) {
	t.Parallel()
	s := StartServer(t, WithArgs("--disable-metrics"), WithArgs("--max-response-size", "1KB"))
	got := query(t, s.URL(), "", "select hex(zeroblob(4000))")
	check(t, "large response", got, reply{Status: 200, Error: "RESPONSE_TOO_LARGE"})
}

func TestAuth(t *testing.T) {
	t.Parallel()
	s := StartServer(t, WithAuth())
	const create, read = "create table if not exists t (x)", "select 1"
	one := reply{Status: 200, Values: []string{"1"}}
	refused := reply{Status: http.StatusUnauthorized}
	for _, tt := range []struct {
		name, token, sql string
		want             reply
	}{
		{"no token", "", read, refused},
		{"expired", s.ExpiredToken(), read, refused},
		{"foreign", s.ForeignToken(), read, refused},
		{"read-write reads", s.Token(ReadWrite), read, one},
		{"read-write writes", s.Token(ReadWrite), create, reply{Status: 200}},
		{"read-only reads", s.Token(ReadOnly), read, one},
		{"read-only writes", s.Token(ReadOnly), "insert into t values (1)", reply{Status: http.StatusForbidden}},
	} {
		check(t, tt.name, query(t, s.URL(), tt.token, tt.sql), tt.want)
	}
	log, err := os.ReadFile(s.logFile())
	if err != nil {
		t.Fatal(err)
	}
	check(t, "tokens in the log", tokenPattern.Find(log), []byte(nil))
}

func TestTwoServers(t *testing.T) {
	t.Parallel()
	a, b := StartServer(t, WithAuth()), StartServer(t, WithAuth())
	if a.URL() == b.URL() {
		t.Errorf("both servers are at %s", a.URL())
	}
	query(t, a.URL(), a.Token(ReadWrite), "create table t (x)")
	got := query(t, b.URL(), b.Token(ReadWrite), "select count(*) from sqlite_master")
	check(t, "tables of the other server", got, reply{Status: 200, Values: []string{"0"}})
	got = query(t, b.URL(), a.Token(ReadWrite), "select 1")
	check(t, "token of the other server", got, reply{Status: http.StatusUnauthorized})
}

func TestRestart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(*Server)
	}{
		{"Stop", (*Server).Stop},
		{"Kill", (*Server).Kill},
		{"StopTwice", func(s *Server) { s.Stop(); s.Stop() }},
		{"Running", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			testRestart(t, tt.end)
		})
	}
}

func testRestart(t *testing.T, end func(*Server)) {
	s := StartServer(t, WithAuth())
	url, token := s.URL(), s.Token(ReadWrite)
	query(t, url, token, "create table t (x)")
	query(t, url, token, "insert into t values ('kept')")
	if end != nil {
		end(s)
		if r, err := tryQuery(t, url, token, "select 1"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after the end: got %+v, error %v; want a refused connection", r, err)
		}
	}
	s.Restart()
	check(t, "URL", s.URL(), url)
	check(t, "data", query(t, url, token, "select x from t"), reply{Status: 200, Values: []string{"kept"}})
}

// A recorder is a test whose outcome is an object of a test.
type recorder struct {
	testing.TB
	failed   bool
	log      []string
	cleanups []func()
}

func (r *recorder) Helper()           {}
func (r *recorder) Failed() bool      { return r.failed }
func (r *recorder) Cleanup(f func())  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Log(args ...any)   { r.log = append(r.log, fmt.Sprint(args...)) }
func (r *recorder) Fatal(args ...any) { r.Log(args...); r.failed = true; runtime.Goexit() }
func (r *recorder) Logf(format string, args ...any) {
	r.Log(fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// record runs a test and then its cleanup.
func record(tb testing.TB, test func(tb testing.TB)) *recorder {
	r := &recorder{TB: tb}
	run := func(f func()) {
		done := make(chan struct{})
		go func() { defer close(done); f() }()
		<-done
	}
	run(func() { test(r) })
	for _, f := range slices.Backward(r.cleanups) {
		run(f)
	}
	return r
}

func TestTokenWithoutAuth(t *testing.T) {
	t.Parallel()
	for _, token := range []func(*Server) string{
		func(s *Server) string { return s.Token(ReadOnly) },
		(*Server).ExpiredToken,
		(*Server).ForeignToken,
	} {
		r := record(t, func(tb testing.TB) { token(&Server{tb: tb}) })
		if !r.failed || !strings.Contains(r.log[0], "WithAuth") {
			t.Errorf("got %+v, want a failure that names WithAuth", r)
		}
	}
}

func TestStartServerFails(t *testing.T) {
	t.Parallel()
	StartServer(t) // skips if there is no server
	r := record(t, func(tb testing.TB) { StartServer(tb, WithArgs("--no-such-flag")) })
	if !r.failed || len(r.log) != 2 {
		t.Fatalf("failed: %v, log: %q; want a failure with a reason and the server's log", r.failed, r.log)
	}
	for i, want := range []string{"ended before it was ready: exit status", "--no-such-flag"} {
		if !strings.Contains(r.log[i], want) {
			t.Errorf("log line %d is %q, want it to contain %q", i, r.log[i], want)
		}
	}
}

func TestFailedTestShowsServerLog(t *testing.T) {
	t.Parallel()
	StartServer(t)
	var server *Server
	r := record(t, func(tb testing.TB) {
		server = StartServer(tb, WithAuth())
		tb.Fatal("this test fails")
	})
	if len(r.log) != 2 || !strings.Contains(r.log[1], server.addr()) {
		t.Errorf("log is %q, want the server's announcement in its second part", r.log)
	}
	if _, err := net.Dial("tcp", server.addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after the test, Dial returns %v, want a refused connection", err)
	}
}

func TestRestartFindsPortTaken(t *testing.T) {
	t.Parallel()
	StartServer(t)
	r := record(t, func(tb testing.TB) {
		s := StartServer(tb)
		s.Kill()
		l, err := net.Listen("tcp", s.addr())
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		s.Restart()
	})
	if !r.failed || !strings.Contains(r.log[0], errPortTaken.Error()) {
		t.Errorf("failed: %v, log: %q; want a failure because the port is taken", r.failed, r.log)
	}
}

// TestOtherServerOnPort is about a server that lost its port to another one,
// which answers in its place.
func TestOtherServerOnPort(t *testing.T) {
	t.Parallel()
	other := StartServer(t)
	s := &Server{tb: t, binary: other.binary, dir: t.TempDir(), port: other.port}
	if err := s.start(); !errors.Is(err, errPortTaken) {
		t.Errorf("start returns %v, want %v", err, errPortTaken)
	}
}

func TestServerHidesKey(t *testing.T) {
	t.Parallel()
	s := &Server{tb: t, port: 20000, keys: newKeyPair()}
	check(t, "text", fmt.Sprint(s), "libSQL server at http://127.0.0.1:20000")
	key := fmt.Sprint([]byte(s.keys.private[:4]))
	for _, format := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(format, s); strings.Contains(text, strings.Trim(key, "[]")) {
			t.Errorf("%s prints the private key", format)
		}
	}
}

func TestMaySkip(t *testing.T) {
	t.Parallel()
	lack, mistake := errors.New("no npm"), fmt.Errorf("%w: no such file", errOverride)
	for _, tt := range []struct {
		err  error
		ci   bool
		want bool
	}{
		{lack, false, true},
		{lack, true, false},
		{mistake, false, false},
		{mistake, true, false},
	} {
		check(t, fmt.Sprintf("maySkip(%v, %v)", tt.err, tt.ci), maySkip(tt.err, tt.ci), tt.want)
	}
}

func TestServerEnv(t *testing.T) {
	t.Parallel()
	got := serverEnv([]string{"PATH=/bin", "SQLD_DB_PATH=/x", "LIBSQL_X=1", "RUST_LOG=trace", "HOME=/"})
	check(t, "environment", got, []string{"PATH=/bin", "HOME=/"})
}
