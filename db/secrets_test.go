package db_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// spy is the token of these tests. No part of it may show anywhere.
const spy = "CANARY0CANARY0CANARY0CANARY"

// shows reports whether a text has the token in it, or half of it, in any of the forms
// that package fmt has for strings.
func shows(text string) bool {
	half := spy[:len(spy)/2]
	for _, form := range []string{half, hex.EncodeToString([]byte(half)), fmt.Sprintf("% x", half), fmt.Sprint([]byte(half))} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(strings.Trim(form, "[]"))) {
			return true
		}
	}
	return false
}

// checkShown prints a value in all ways, and wants none to show the token.
func checkShown(t *testing.T, what string, value any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		if text := fmt.Sprintf(verb, value); shows(text) {
			t.Errorf("%s: %s shows the token: %s", what, verb, text)
			return // the others do, too
		}
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("", "value", value)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("", "value", value)
	if shows(logged.String()) {
		t.Errorf("%s: log/slog shows the token: %s", what, &logged)
	}
}

// checkSecretError looks at an error and at all that it wraps.
func checkSecretError(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	checkShown(t, fmt.Sprintf("%s: %T", what, err), err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		checkSecretError(t, what, e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			checkSecretError(t, what, err)
		}
	}
}

// watchLogs looks at what the process logs until the test ends. Tests that use it aren't
// parallel.
func watchLogs(t *testing.T) *lockedBuffer {
	logged := new(lockedBuffer)
	before := log.Writer()
	log.SetOutput(logged) // log/slog's default writes there too
	t.Cleanup(func() {
		log.SetOutput(before)
		if text := logged.String(); shows(text) {
			t.Errorf("the log shows the token: %s", text)
		}
	})
	return logged
}

// A lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A wire is a listener that keeps what it is sent, as somebody on the way could.
type wire struct {
	net.Listener
	heard lockedBuffer
}

// listen starts a wire. say is called with each connection, whose reads are kept.
func listen(t *testing.T, address string, say func(conn net.Conn)) *wire {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				say(tapped{conn, &w.heard})
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Wait()
	})
	return w
}

func (w *wire) host() string { return w.Addr().String() }

// tapped is a connection whose reads are kept.
type tapped struct {
	net.Conn
	heard *lockedBuffer
}

func (c tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.heard.Write(p[:n])
	return n, err
}

// checkHeard wants nobody on the way to have got the token.
func checkHeard(t *testing.T, what string, w *wire) {
	t.Helper()
	if heard := w.heard.String(); shows(heard) {
		t.Errorf("%s: the token could be read on the way: %.300q", what, heard)
	}
}

// says answers the first bytes of a connection with a text, and closes it.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 64<<10)); err == nil {
			io.WriteString(conn, text)
		}
	}
}

// request returns what a connection sends first, body included.
func request(conn net.Conn) string {
	p := make([]byte, 64<<10)
	n, _ := conn.Read(p)
	return string(p[:n])
}

const plainOK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

// useAll makes a call of each kind, and returns the errors.
func useAll(ctx context.Context, pool *sql.DB) map[string]error {
	errs := make(map[string]error)
	errs["Ping"] = pool.PingContext(ctx)
	_, errs["Exec"] = pool.ExecContext(ctx, "INSERT INTO t VALUES (1)")
	errs["Query"] = readAll(pool.QueryContext(ctx, "SELECT 1"))
	_, errs["Prepare"] = pool.PrepareContext(ctx, "SELECT 2")
	_, errs["script"] = pool.ExecContext(ctx, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
	errs["InTx"] = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO t VALUES (1)")
		return err
	}, db.WithMaxAttempts(1))
	return errs
}

// tryAll opens the database, and calls what can be called of it if that fails too. None of
// the errors may show the token.
func tryAll(t *testing.T, what, url string, opts ...db.Option) {
	t.Helper()
	pool, err := db.Open(t.Context(), url, opts...)
	checkSecretError(t, what+": Open", err)
	if err == nil {
		defer pool.Close()
	} else {
		connector, err := db.NewConnector(url, opts...)
		checkSecretError(t, what+": NewConnector", err)
		if err != nil {
			return
		}
		checkShown(t, what+": connector", connector)
		pool = sql.OpenDB(connector)
		defer pool.Close()
	}
	checkShown(t, what+": pool", pool)
	for call, err := range useAll(t.Context(), pool) {
		checkSecretError(t, what+": "+call, err)
	}
}

// thisHost returns an address of this machine that counts as another, since a request to
// it looks no different from one that leaves.
func thisHost(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			return ip.IP.String()
		}
	}
	t.Skip("the machine has no address but its own")
	return ""
}

// startTLS starts a server whose certificate the returned option trusts.
func startTLS(t *testing.T, handler http.Handler) (*httptest.Server, db.Option) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, db.WithTLSConfig(&tls.Config{RootCAs: roots})
}

// TestSecretWithoutTLS is about a token that is to go over TLS, and a listener that has
// none.
func TestSecretWithoutTLS(t *testing.T) {
	watchLogs(t)
	for name, say := range map[string]func(net.Conn){
		"HTTP":     says(plainOK),
		"refusal":  says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
		"redirect": says("HTTP/1.1 307 \r\nLocation: http://localhost/\r\nContent-Length: 0\r\n\r\n"),
		"nonsense": says("nonsense\n"),
		"echo":     func(conn net.Conn) { io.WriteString(conn, request(conn)) },
	} {
		for _, form := range []string{"libsql://%s", "https://%s", "wss://%s", "libsql://%s?tls=1"} {
			w := listen(t, "127.0.0.1:0", say)
			address := fmt.Sprintf(form, w.host())
			tryAll(t, name+" "+form, address, db.WithAuthToken(spy))
			checkHeard(t, name+" "+form, w)
			if w.heard.String() == "" {
				t.Errorf("%s %s: nothing was sent", name, form)
			}
		}
	}
	// A certificate that nobody vouches for.
	server, _ := startTLS(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the token was sent to a server that nobody knows: %v", r.Header)
	}))
	tryAll(t, "unknown certificate", server.URL, db.WithAuthToken(spy))
}

// TestSecretInsecure is about addresses that count as other machines.
func TestSecretInsecure(t *testing.T) {
	watchLogs(t)
	w := listen(t, net.JoinHostPort(thisHost(t), "0"), says(plainOK))
	_, port, _ := net.SplitHostPort(w.host())
	token := func(context.Context) (string, error) { return spy, nil }
	for _, address := range []string{
		"http://" + w.host(),
		"ws://" + w.host(),
		"libsql://" + w.host() + "?tls=0",
		"http://0.0.0.0:" + port,
		"http://127.1:" + port,
		"http://2130706433:" + port,
		"http://127.0.0.1.:" + port,
		"http://localhost.example:" + port,
		"http://127.0.0.1.example:" + port,
		"http://notlocalhost:" + port,
		"http://[::ffff:192.0.2.2]:" + port,
		"http://[fe80::1%25lo]:" + port,
	} {
		for name, opt := range map[string]db.Option{"token": db.WithAuthToken(spy), "function": db.WithAuthTokenFunc(token)} {
			for _, url := range []string{address, addToken(address)} {
				opts := []db.Option{opt}
				if strings.Contains(url, spy) {
					opts = nil
				}
				_, err := db.Open(t.Context(), url, opts...)
				if !errors.Is(err, db.ErrConfig) {
					t.Errorf("%s, %s: error %v, want %v", name, db.Redact(url), err, db.ErrConfig)
				}
				checkSecretError(t, name+" "+address, err)
			}
		}
	}
	if heard := w.heard.String(); heard != "" {
		t.Errorf("something was sent: %q", heard)
	}
	// It is the option that allows it, and the listener would have heard it.
	tryAll(t, "allowed", "http://"+w.host(), db.WithAuthToken(spy), db.WithInsecureToken())
	if !shows(w.heard.String()) {
		t.Error("the token isn't sent where it is allowed")
	}
}

// addToken adds the token to a URL's parameters.
func addToken(address string) string {
	if strings.Contains(address, "?") {
		return address + "&authToken=" + spy
	}
	return address + "?authToken=" + spy
}

// TestSecretRedirects is about servers that send the token's bearer elsewhere.
func TestSecretRedirects(t *testing.T) {
	watchLogs(t)
	w := listen(t, "127.0.0.1:0", says(plainOK))
	_, port, _ := net.SplitHostPort(w.host())
	elsewhere, trusted := startTLS(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if shows(fmt.Sprint(r.Header)) {
			t.Error("the token goes to another host with TLS")
		}
	}))
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		for _, to := range []string{
			"http://" + w.host() + "/v3/pipeline",
			"HTTP://" + w.host(),
			"http://localhost:" + port,
			"http://user:word@" + w.host(),
			"//" + w.host(),
			"https://" + w.host(),
			elsewhere.URL,
			"ftp://" + w.host(),
			"http://" + w.host() + "/" + spy + "?token=" + spy,
			"://" + spy,
			spy,
		} {
			what := fmt.Sprint(status, " to ", strings.ReplaceAll(to, spy, "TOKEN"))
			redirect := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Location", to)
				rw.WriteHeader(status)
			})
			plain := httptest.NewServer(redirect)
			tryAll(t, what, plain.URL, db.WithAuthToken(spy), db.WithInsecureToken())
			plain.Close()
			secure, _ := startTLS(t, redirect)
			tryAll(t, what+" from https", secure.URL, db.WithAuthToken(spy), trusted)
		}
	}
	checkHeard(t, "redirects", w)
}

// TestSecretInRedirectHost is about a server that redirects to a host that it makes up.
func TestSecretInRedirectHost(t *testing.T) {
	watchLogs(t)
	for _, status := range []int{301, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler("http://"+spy+".example/", status))
		tryAll(t, fmt.Sprint(status), server.URL, db.WithAuthToken(spy))
		server.Close()
	}
}

// okPipeline is the answer to a request of one statement, with where to go on.
const okPipeline = `{"baton": "b", "base_url": %q, "results": [{"type": "ok", "response": {"type": "execute", "result":
	{"cols": [], "rows": [], "affected_row_count": 0, "last_insert_rowid": null, "replication_index": null}}}]}`

// TestSecretBaseURL is about a server that wants the rest of a stream elsewhere.
func TestSecretBaseURL(t *testing.T) {
	watchLogs(t)
	w := listen(t, "127.0.0.1:0", says(plainOK))
	_, port, _ := net.SplitHostPort(w.host())
	for _, to := range []string{
		"http://" + w.host(),
		"HTTP://" + w.host(),
		"http://localhost:" + port,
		"//" + w.host(),
		"http://user@" + w.host(),
		"https://" + w.host(),
		"://" + spy,
		"http://" + spy + ".example/" + spy,
	} {
		what := "base_url " + strings.ReplaceAll(to, spy, "TOKEN")
		var mu sync.Mutex
		requests := 0
		move := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			requests++
			fmt.Fprintf(rw, okPipeline, to)
		})
		plain := httptest.NewServer(move)
		tryAll(t, what, plain.URL, db.WithAuthToken(spy))
		plain.Close()
		if requests < 3 {
			t.Errorf("%s: %d requests: what is tested isn't", what, requests)
		}
		secure, trusted := startTLS(t, move)
		tryAll(t, what+" from https", secure.URL, db.WithAuthToken(spy), trusted)
	}
	checkHeard(t, "base_url", w)
}

// tunnel is an HTTP proxy that does CONNECT, and refuses the rest.
func tunnel(conn net.Conn) {
	first := request(conn)
	var host string
	if _, err := fmt.Sscanf(first, "CONNECT %s HTTP/1.1", &host); err != nil {
		io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return
	}
	to, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer to.Close()
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		io.Copy(to, conn)
		to.Close()
	}()
	io.Copy(conn, to)
}

func through(address string) db.Option {
	return db.WithHTTPProxy(http.ProxyURL(&url.URL{Scheme: "http", Host: address}))
}

// TestSecretProxy is about what an HTTP proxy can read.
func TestSecretProxy(t *testing.T) {
	watchLogs(t)
	var bearers lockedBuffer
	server, trusted := startTLS(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(&bearers, r.Header.Get("Authorization"))
		fmt.Fprintf(rw, okPipeline, "")
	}))
	for name, say := range map[string]func(net.Conn){
		"tunnel":     tunnel,
		"refusal":    says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
		"redirect":   says("HTTP/1.1 302 Found\r\nLocation: http://localhost/\r\nContent-Length: 0\r\n\r\n"),
		"an answer":  says("HTTP/1.1 200 OK\r\n\r\n" + plainOK),
		"no proxy":   says(plainOK),
		"echo":       func(conn net.Conn) { io.WriteString(conn, "HTTP/1.1 400 "+request(conn)+"\r\n\r\n") },
		"breaks off": func(conn net.Conn) { request(conn) },
	} {
		w := listen(t, "127.0.0.1:0", say)
		tryAll(t, name, server.URL, db.WithAuthToken(spy), trusted, through(w.host()))
		checkHeard(t, name, w)
		if !strings.HasPrefix(w.heard.String(), "CONNECT ") {
			t.Errorf("%s: the proxy wasn't asked", name)
		}
	}
	if !shows(bearers.String()) {
		t.Error("the token didn't reach the server through the tunnel")
	}
}

// TestSecretPlainProxy is about a server on this machine, and a proxy on another.
func TestSecretPlainProxy(t *testing.T) {
	watchLogs(t)
	for _, address := range []string{"http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"} {
		w := listen(t, net.JoinHostPort(thisHost(t), "0"), says(plainOK))
		tryAll(t, address, address, db.WithAuthToken(spy), through(w.host()))
		checkHeard(t, address, w)
	}
}

// TestSecretEcho is about servers that show what they were sent.
func TestSecretEcho(t *testing.T) {
	watchLogs(t)
	bodies := map[string]func(r *http.Request) string{
		"error":        func(r *http.Request) string { return fmt.Sprintf(`{"error": %q}`, fmt.Sprint(r.Header)) },
		"message":      func(r *http.Request) string { return fmt.Sprintf(`{"message": %q, "code": "X"}`, bearer(r)) },
		"code":         func(r *http.Request) string { return fmt.Sprintf(`{"message": "m", "code": %q}`, bearer(r)) },
		"nested":       func(r *http.Request) string { return fmt.Sprintf(`{"error": {"headers": [%q]}}`, bearer(r)) },
		"other key":    func(r *http.Request) string { return fmt.Sprintf(`{%q: 1}`, bearer(r)) },
		"bad JSON":     func(r *http.Request) string { return fmt.Sprintf(`{"error": %q`, bearer(r)) },
		"HTML":         func(r *http.Request) string { return fmt.Sprintf("<html><pre>%v</pre>", r.Header) },
		"text":         func(r *http.Request) string { return fmt.Sprint("no: ", r.Header) },
		"far":          func(r *http.Request) string { return strings.Repeat("x", 280) + bearer(r) },
		"invalid text": func(r *http.Request) string { return "\xff\xfe " + bearer(r) + "\xff" },
		"escaped":      func(r *http.Request) string { return `{"error": "\u0043` + bearer(r)[len("Bearer C"):] + `"}` },
		"in parts":     func(r *http.Request) string { return bearer(r) + "\n" + bearer(r) + "\t" + bearer(r) },
		"statement":    func(r *http.Request) string { return echoResult(`{"type": "error", "error": %s}`, r) },
		"step":         func(r *http.Request) string { return echoResult(echoStep, r) },
		"baton":        func(r *http.Request) string { return strings.Replace(echoResult(`{}`, r), `"b"`, `"`+bearer(r)+`"`, 1) },
	}
	for name, body := range bodies {
		for _, status := range []int{200, 201, 304, 400, 401, 403, 404, 413, 500, 502, 503} {
			what := fmt.Sprint(status, " ", name)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("WWW-Authenticate", r.Header.Get("Authorization"))
				w.WriteHeader(status)
				io.WriteString(w, body(r))
			}))
			tryAll(t, what, server.URL, db.WithAuthToken(spy))
			tryAll(t, what+", in the URL", addToken(server.URL))
			server.Close()
		}
	}
}

func bearer(r *http.Request) string { return r.Header.Get("Authorization") }

const echoStep = `{"type": "ok", "response": {"type": "batch", "result": {"step_results": [null, null], "step_errors": [null, %s]}}}`

// echoResult is an answer whose results have an error that shows the token.
func echoResult(form string, r *http.Request) string {
	result := strings.Replace(form, "%s", fmt.Sprintf(`{"message": %q, "code": "SQLITE_ERROR"}`, bearer(r)), 1)
	return `{"baton": "b", "base_url": null, "results": [` + result + `, {"type": "ok", "response": {"type": "get_autocommit", "is_autocommit": true}}]}`
}

// TestSecretEchoCutOff is about an echo that is longer than what is read of it, so that
// its last word is a part of the token.
func TestSecretEchoCutOff(t *testing.T) {
	watchLogs(t)
	for _, cut := range []int{1, 5, 10} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, strings.Repeat(" ", 256<<10-len(spy)+cut)+spy)
		}))
		tryAll(t, fmt.Sprint("without the last ", cut), server.URL, db.WithAuthToken(spy))
		server.Close()
	}
}

// TestSecretRawEcho is about what speaks no HTTP, or bad HTTP, and shows what it was sent.
func TestSecretRawEcho(t *testing.T) {
	watchLogs(t)
	line := func(before, after string) func(net.Conn) {
		return func(conn net.Conn) {
			if request(conn) != "" {
				io.WriteString(conn, before+"Bearer "+spy+after)
			}
		}
	}
	for name, say := range map[string]func(net.Conn){
		"bare":           says(spy + "\r\n\r\n"),
		"echo":           func(conn net.Conn) { io.WriteString(conn, request(conn)) },
		"first line":     line("Authorization: ", "\r\n\r\n"),
		"status":         line("HTTP/1.1 200", "\r\n\r\n"),
		"reason":         line("HTTP/1.1 400 ", "\r\nContent-Length: 0\r\n\r\n"),
		"version":        line("HTTP/", " 200 OK\r\n\r\n"),
		"header":         line("HTTP/1.1 200 OK\r\nAuthorization ", "\r\n\r\n"),
		"length":         line("HTTP/1.1 200 OK\r\nContent-Length: ", "\r\n\r\n"),
		"encoding":       line("HTTP/1.1 200 OK\r\nTransfer-Encoding: ", "\r\n\r\n"),
		"content coding": line("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 34\r\n\r\n", ""),
		"chunk":          line("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "\r\n"),
		"trailer":        line("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "\r\n\r\n"),
		"location":       line("HTTP/1.1 307 x\r\nContent-Length: 0\r\nLocation: %zz", "\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			w := listen(t, "127.0.0.1:0", say)
			tryAll(t, name, "http://"+w.host(), db.WithAuthToken(spy))
		})
	}
}

// TestSecretShown prints what a program holds of a database.
func TestSecretShown(t *testing.T) {
	watchLogs(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, okPipeline, "")
	}))
	defer server.Close()
	for what, opts := range map[string][]db.Option{
		"token":             {db.WithAuthToken(spy)},
		"function":          {db.WithAuthTokenFunc(func(context.Context) (string, error) { return spy, nil })},
		"libsql-client-go":  {db.WithAuthToken(spy), db.WithLibSQLClientGo()},
		"in the URL":        nil,
		"insecure, and all": {db.WithAuthToken(spy), db.WithInsecureToken(), through("127.0.0.1:1")},
	} {
		address := server.URL
		if opts == nil {
			address = addToken(address)
		}
		checkShown(t, what+": options", opts)
		checkShown(t, what+": Redact", db.Redact(address))
		connector, err := db.NewConnector(address, opts...)
		if err != nil {
			t.Fatal(err)
		}
		checkShown(t, what+": connector", connector)
		checkShown(t, what+": driver", connector.Driver())
		pool := sql.OpenDB(connector)
		checkShown(t, what+": pool", pool)
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// So that it has sent the token.
		checkSecretError(t, what+": ping", conn.PingContext(t.Context()))
		checkShown(t, what+": conn", conn)
		conn.Raw(func(raw any) error {
			checkShown(t, what+": the driver's conn", raw)
			return nil
		})
		conn.Close()
		pool.Close()
		checkShown(t, what+": closed pool", pool)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections() // libsql-client-go's
}

// TestSecretBadURLs is about URLs that hold a token and can't be used.
func TestSecretBadURLs(t *testing.T) {
	t.Parallel()
	for _, form := range []string{
		"libsql://?authToken=%s", "libsql://host?authtoken=%s", "libsql://host?authToken=%s&authToken=%s",
		"libsql://%s@host", "libsql://user:%s@host", "libsql://host#%s", "libsql://host:%s", "libsql://ho st?authToken=%s",
		"mysql://host?authToken=%s", "%s://host", "%s:host", "libsql://[%s", "libsql://host?authToken=%s%%zz",
		"libsql://host?tls=%s", "file:app.db?authToken=%s", "app.db?authToken=%s", "file://%s/app.db", "libsql://host?authToken=%s\n",
		"libsql:///x?authToken=%s", "libsql://host?authToken=%s;", "libsql://host?mode=%s", "file:app.db?mode=%s",
	} {
		address := strings.ReplaceAll(strings.ReplaceAll(form, "%s", spy), "%%", "%")
		pool, err := db.Open(t.Context(), address)
		if err == nil {
			pool.Close()
			t.Errorf("%s: no error", form)
		}
		checkSecretError(t, form, err)
		checkShown(t, form, db.Redact(address))
		_, err = db.EngineOf(address)
		checkSecretError(t, form, err)
		_, err = sql.Open(db.DriverName, address)
		checkSecretError(t, form, err)
	}
	for what, opts := range map[string][]db.Option{
		"twice":       {db.WithAuthToken(spy), db.WithAuthToken(spy)},
		"line end":    {db.WithAuthToken(spy + "\n")},
		"nil":         {db.WithAuthToken(spy), nil},
		"a bad other": {db.WithAuthToken(spy), db.WithMaxOpenConns(0)},
		"SQLite's":    {db.WithAuthToken(spy), db.WithWALOnNetwork()},
	} {
		_, err := db.Open(t.Context(), "http://127.0.0.1:1", opts...)
		if err == nil {
			t.Errorf("%s: no error", what)
		}
		checkSecretError(t, what, err)
	}
	_, err := db.Open(t.Context(), ":memory:", db.WithAuthToken(spy))
	checkSecretError(t, "in memory", err)
}

// TestSecretTokenFunc is about functions that fail or panic.
func TestSecretTokenFunc(t *testing.T) {
	watchLogs(t)
	sealed := errors.New("the vault is sealed")
	for what, fn := range map[string]func(context.Context) (string, error){
		"token and error": func(context.Context) (string, error) { return spy, sealed },
		"line end":        func(context.Context) (string, error) { return spy + "\r\n", nil },
	} {
		tryAll(t, what, "http://127.0.0.1:1", db.WithAuthTokenFunc(fn))
	}

	calls := 0
	connector, err := db.NewConnector(dbtest.StartServer(t).URL(), db.WithAuthTokenFunc(func(context.Context) (string, error) {
		if calls++; calls == 1 {
			panic(sealed)
		}
		return "", nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if r := recover(); r != any(sealed) {
				t.Errorf("panics with %v, want the function's own value", r)
			}
		}()
		connector.Connect(t.Context())
	}()
	// What panicked holds nothing.
	pool := sql.OpenDB(connector)
	defer pool.Close()
	check(t, "after the panic", get[int](t, pool, "SELECT 1"), 1)
}
