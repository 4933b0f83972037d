package walog

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// reasons has each Err… value with its kind.
var reasons = map[error]error{
	ErrNeedHello:        engine.ErrUnavailable,
	ErrNeedSnapshot:     engine.ErrUnavailable,
	ErrSnapshotNotReady: engine.ErrUnavailable,
	ErrTokenRefused:     engine.ErrUnauthorized,
	ErrUnsupported:      engine.ErrCantOpen,
	ErrRefused:          engine.ErrCantOpen,
	ErrCut:              engine.ErrUnavailable,
	ErrDiverged:         engine.ErrUnavailable,
	ErrMalformed:        engine.ErrUnavailable,
}

// checkError wants an error with the reason and its kind, on one line, without a token.
func checkError(t *testing.T, name string, err, reason error) {
	t.Helper()
	var own *engine.Error
	if !errors.As(err, &own) {
		t.Errorf("%s: got %v (%T), want %v", name, err, err, reason)
		return
	}
	for other := range reasons {
		if errors.Is(err, other) != (other == reason) {
			t.Errorf("%s: got %v (%v), want %v", name, err, own.Err, reason)
		}
	}
	if own.Kind != reasons[reason] {
		t.Errorf("%s: the kind is %v", name, own.Kind)
	}
	if strings.ContainsAny(own.Message, "\n\r\x1b") || strings.HasSuffix(strings.TrimSpace(own.Message), ":") || len(own.Message) > 500 {
		t.Errorf("%s: the message is %q", name, own.Message)
	}
	checkSecret(t, name, err)
}

// checkSecret wants neither the error nor an error below to show the canary.
func checkSecret(t *testing.T, name string, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, canary) {
			t.Errorf("%s: the error shows the token: %s", name, text)
		}
	}
}

// calls are the methods, each of which returns its error.
var calls = map[string]func(*Client, context.Context) error{
	"Hello": func(c *Client, ctx context.Context) error { _, err := c.Hello(ctx); return err },
	logEntries: func(c *Client, ctx context.Context) error {
		_, err := collect(c.Entries(ctx, session(), 0, Follow))
		return err
	},
	snapshot: func(c *Client, ctx context.Context) error {
		_, err := collect(c.Snapshot(ctx, session(), 0))
		return err
	},
}

// TestStatuses returns the errors of sqld and of Turso Cloud, in the header, in a trailer, and in a
// trailer after a frame.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code   int
		text   string
		reason error
	}{
		{9, "NO_HELLO", ErrNeedHello},
		{9, "NEED_SNAPSHOT", ErrNeedSnapshot},
		{14, "snapshot not found", ErrSnapshotNotReady},
		{13, "No such file or directory (os error 2)", ErrSnapshotNotReady},
		{13, "IO error: No such file or directory (os error 2)", ErrSnapshotNotReady},
		{16, "AuthError: The JWT has expired", ErrTokenRefused},
		{16, "AuthError: The JWT is invalid", ErrTokenRefused},
		{13, "Error parsing auth header: Expected authorization header but none given", ErrTokenRefused},
		{7, "", ErrTokenRefused},
		{12, "embedded replicas are not supported for this platform. See https://example.com", ErrUnsupported},
		{12, "deprecated version of sync", ErrUnsupported},
		{12, "", ErrUnsupported},
		{9, "NAMESPACE_DOESNT_EXIST", ErrRefused},
		{9, "cannot replicate a shared schema db", ErrRefused},
		{3, "not a primary", ErrRefused},
		{3, "Missing x-namespace-bin metadata", ErrRefused},
		{5, "", ErrRefused},
		{13, "logger closed", ErrCut},
		{14, "upstream is down: " + canary, ErrCut},
		{2, "100% of\nany\x1b[31m text \u202e", ErrCut},
		{8, strings.Repeat("x", 280) + canary, ErrCut},
		{4294967295, "", ErrCut},
	} {
		for method, call := range calls {
			name := fmt.Sprint(method, " ", tt.code, " ", tt.text)
			config := Config{Token: tokenFunc(canary)}
			config.URL = serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
				w.Header().Set("Grpc-Status", fmt.Sprint(tt.code))
				w.Header().Set("Grpc-Message", url.PathEscape(tt.text))
			})
			checkError(t, "header "+name, call(newClient(t, config), t.Context()), tt.reason)
			for _, before := range [][]byte{nil, frame(0, 1, 0), hello()} {
				if method == "Hello" && len(before) > PageSize || method != "Hello" && len(before) > 0 && len(before) < PageSize {
					continue
				}
				config.URL = serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
					w.Write(slices.Concat(before, trailer(tt.code, tt.text)))
				})
				checkError(t, "trailer "+name, call(newClient(t, config), t.Context()), tt.reason)
			}
		}
	}
}

func TestStatusText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ encoded, want string }{
		{"NO%5FHELLO", "the server doesn't know the session: NO_HELLO"},
		{"", "the server refuses replication"},
		{"%20%0a", "the server refuses replication"},
		{"a%0Ab%1b", `the server refuses replication: a b\x1b`},
		{"100%", "the server refuses replication: 100%"},
		{"%zz", "the server refuses replication: %zz"},
		{"%ff", `the server refuses replication: \xff`},
	} {
		b := message([]byte("GRPC-Status: 9 \r\nother: x\r\ngrpc-message: " + tt.encoded + "\r\n"))
		b[0] = flagTrailer
		if _, err := answering(t, b).Hello(t.Context()); err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v", tt.encoded, err)
		}
	}
}

// TestHTTPErrors has answers of proxies and of other servers.
func TestHTTPErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		reason error
		want   string
	}{
		{401, `{"error":"` + canary + `"}`, ErrTokenRefused, `the server refuses the token: HTTP status 401: {"error":"[token]"}`},
		{403, "", ErrTokenRefused, "the server refuses the token: HTTP status 403"},
		{404, "no\nsuch\x1bthing ", ErrUnsupported, `the server has no replication for embedded replicas: HTTP status 404: no such\x1bthing`},
		{400, "", ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 400"},
		{405, "", ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 405"},
		{415, "", ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 415"},
		{501, "", ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 501"},
		{408, "", ErrCut, "the server can't answer now: HTTP status 408"},
		{429, "slow down", ErrCut, "the server can't answer now: HTTP status 429: slow down"},
		{500, "\n <html>", ErrCut, "the server can't answer now: HTTP status 500"},
		{502, strings.Repeat("x", 4<<10-20) + canary, ErrCut, "the server can't answer now: HTTP status 502"},
		{503, strings.Repeat("x", 290) + canary, ErrCut, "the server can't answer now: HTTP status 503: " + strings.Repeat("x", 283) + "…"},
		{204, "", ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 204"},
	} {
		c := newClient(t, Config{Token: tokenFunc(canary), URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})})
		for method, call := range calls {
			err := call(c, t.Context())
			checkError(t, fmt.Sprint(method, tt.status), err, tt.reason)
			if err.Error() != tt.want {
				t.Errorf("%s: got %v, want %s", method, err, tt.want)
			}
		}
	}
}

func TestOtherAnswers(t *testing.T) {
	t.Parallel()
	page := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>")
	})})
	err := calls["Hello"](page, t.Context())
	checkError(t, "a web page", err, ErrMalformed)
	if err.Error() != "the answer is not from a libSQL server" {
		t.Error(err)
	}
	gone := newClient(t, Config{URL: "http://127.0.0.1:1"})
	for method, call := range calls {
		err := call(gone, t.Context())
		checkError(t, method, err, ErrCut)
		if !errors.Is(err, syscall.ECONNREFUSED) || !strings.HasPrefix(err.Error(), "can't reach the server: dial tcp 127.0.0.1:1: ") {
			t.Errorf("%s: %v", method, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for method, call := range calls {
		if err := call(gone, ended); err != context.Canceled {
			t.Errorf("%s: %v", method, err)
		}
	}
	// An answer that isn't HTTP, and shows the token.
	raw := newClient(t, Config{Token: tokenFunc(canary), URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", canary)
		conn.Close()
	})})
	err = calls["Hello"](raw, t.Context())
	checkError(t, "not HTTP", err, ErrCut)
	if !strings.Contains(err.Error(), "[token]") {
		t.Error(err)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "x", "ftp://h", "http://", "http://u:secret@h", "http://h?secret", "http://h#secret", "http://h/%zz-secret", "libsql://h"} {
		c, err := New(Config{URL: bad, HTTP: &http.Transport{}})
		var own *engine.Error
		if c != nil || !errors.As(err, &own) || own.Kind != engine.ErrCantOpen || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, %v", bad, c, err)
		}
	}
}

func TestTokenError(t *testing.T) {
	t.Parallel()
	own := errors.New("the vault is closed")
	for _, tt := range []struct {
		token string
		err   error
		want  string
	}{
		{"", own, "get the token: the vault is closed"},
		{canary + "\n", nil, "get the token: it has a control character in it, such as a line end"},
	} {
		c := newClient(t, Config{URL: "http://127.0.0.1:1", Token: func(context.Context) (string, error) { return tt.token, tt.err }})
		for method, call := range calls {
			err := call(c, t.Context())
			var typed *transport.TokenError
			if !errors.As(err, &typed) || err.Error() != tt.want {
				t.Errorf("%s: got %v, want %s", method, err, tt.want)
			}
			checkSecret(t, method, err)
		}
	}
}
