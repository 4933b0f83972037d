package walog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// TestNewToken has a server that accepts one token only.
func TestNewToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		tokens   []string // of the calls of Config.Token
		refusal  func(w http.ResponseWriter)
		reason   error
		requests int64 // by two calls of Hello
		asked    int64
	}{
		{"valid", []string{"good"}, grpcRefusal, nil, 2, 1},
		{"renewed", []string{"old", "good"}, grpcRefusal, nil, 3, 2},
		{"renewed after an HTTP status", []string{"old", "good"}, httpRefusal, nil, 3, 2},
		{"renewed after a trailer", []string{"old", "good"}, trailerRefusal, nil, 2, 2},
		{"the same again", []string{"old"}, grpcRefusal, ErrTokenRefused, 2, 3},
		{"another bad one", []string{"old", "older", "oldest"}, grpcRefusal, ErrTokenRefused, 3, 4},
		{"none", []string{""}, grpcRefusal, ErrTokenRefused, 2, 3},
	} {
		var requests, asked atomic.Int64
		next := tokenFunc(tt.tokens...)
		c := newClient(t, Config{
			Token: func(ctx context.Context) (string, error) {
				asked.Add(1)
				return next(ctx)
			},
			URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ string) {
				requests.Add(1)
				if r.Header.Get("Authorization") == "Bearer good" {
					w.Write(slices.Concat(hello(), trailer(0, "")))
					return
				}
				tt.refusal(w)
			})})
		_, first := c.Hello(t.Context())
		_, err := c.Hello(t.Context())
		if tt.name == "renewed after a trailer" {
			checkError(t, tt.name, first, ErrTokenRefused) // it comes too late for another request
		} else if !errors.Is(first, tt.reason) {
			t.Errorf("%s: first %v", tt.name, first)
		}
		if !errors.Is(err, tt.reason) || requests.Load() != tt.requests || asked.Load() != tt.asked {
			t.Errorf("%s: got %v, %d requests, asked %d times", tt.name, err, requests.Load(), asked.Load())
		}
	}
}

func grpcRefusal(w http.ResponseWriter) {
	w.Header().Set("Grpc-Status", "16")
	w.Header().Set("Grpc-Message", "AuthError: The JWT has expired")
}

func httpRefusal(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }

func trailerRefusal(w http.ResponseWriter) { w.Write(trailer(16, "AuthError: The JWT has expired")) }

// TestNewTokenFails has no other token to offer.
func TestNewTokenFails(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	var asked atomic.Int64
	c := newClient(t, Config{
		Token: func(context.Context) (string, error) {
			if asked.Add(1) == 1 {
				return "old", nil
			}
			return "", gone
		},
		URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) { grpcRefusal(w) }),
	})
	if _, err := c.Hello(t.Context()); !errors.Is(err, gone) || asked.Load() != 2 {
		t.Errorf("got %v", err)
	}
}

// TestSecrets formats values that know a token.
func TestSecrets(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{URL: "http://127.0.0.1:1", Token: tokenFunc(canary)})
	if _, err := c.Hello(t.Context()); !errors.Is(err, ErrCut) { // which has asked for the token
		t.Fatal(err)
	}
	s := &Session{}
	err := s.decode(slices.Concat(bytesField(3, []byte("log")), bytesField(4, []byte(canary))))
	if err != nil || string(*s.token) != canary {
		t.Fatal(err)
	}
	for _, v := range []any{c, *c, s, *s, call.Secret(canary)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s of %T shows the token: %s", verb, v, text)
			}
		}
	}
}

// TestPlainHTTP sends no token where others could read it.
func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	dialed := errors.New("dialed")
	proxy := func(address string) func(*http.Request) (*url.URL, error) {
		return func(*http.Request) (*url.URL, error) { return url.Parse(address) }
	}
	for _, tt := range []struct {
		url, token string
		insecure   bool
		proxy      func(*http.Request) (*url.URL, error)
		want       string // or "" to dial
	}{
		{"http://192.0.2.1:8080", canary, false, nil, "a token isn't sent over plain HTTP to 192.0.2.1:8080, where others could read it"},
		{"http://192.0.2.1:8080", canary, true, nil, ""},
		{"http://192.0.2.1:8080", "", false, nil, ""},
		{"https://192.0.2.1:8080", canary, false, nil, ""},
		{"http://127.0.0.1:8080", canary, false, nil, ""},
		{"http://localhost", canary, false, proxy("http://127.0.0.1:1"), ""},
		{"http://localhost", canary, false, proxy("http://u:secret@192.0.2.1:1"), "a token isn't sent over plain HTTP through the proxy 192.0.2.1:1, which could read it"},
		{"https://localhost", canary, false, proxy("http://192.0.2.1:1"), ""},
	} {
		c := newClient(t, Config{URL: tt.url, Token: tokenFunc(tt.token), InsecureToken: tt.insecure, HTTP: &http.Transport{
			Proxy:       tt.proxy,
			DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, dialed },
		}})
		_, err := c.Hello(t.Context())
		if tt.want == "" {
			if !errors.Is(err, dialed) {
				t.Errorf("%s: got %v", tt.url, err)
			}
			continue
		}
		checkError(t, tt.url, err, ErrTokenRefused)
		if err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.url, err, tt.want)
		}
	}
	failing := newClient(t, Config{URL: "http://localhost", Token: tokenFunc(canary), HTTP: &http.Transport{
		Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy for " + canary) },
	}})
	_, err := failing.Hello(t.Context())
	checkError(t, "no proxy", err, ErrCut)
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	const service = "/wal_log.ReplicationLog/"
	other := serve(t, func(w http.ResponseWriter, r *http.Request, method string) {
		if r.Header.Get("Authorization") != "" || method != "Hello" {
			t.Errorf("another host gets %s %v", method, r.Header)
		}
		w.Write(slices.Concat(hello(), trailer(0, "")))
	})
	otherHost := strings.TrimPrefix(other, "http://")
	for _, tt := range []struct {
		status int
		to     string
		token  string
		want   string
	}{
		{307, other + service + "Hello", "", ""},
		{308, other + service + "Hello", "", ""},
		{307, service + "elsewhere", "", ""},
		{307, service + "elsewhere", canary, ""},
		{307, other + "/x?q=secret", canary, "the server redirects to " + otherHost + ", which isn't followed: the token is for 127.0.0.1:"},
		{301, other + "/x?q=secret", "", "the server redirects to " + otherHost + ", which isn't followed: only 307 and 308"},
		{303, other, canary, "the server redirects to " + otherHost},
		{307, "https://db.example/?q=secret", "", "the server redirects to db.example, which isn't followed: it is from http to https"},
		{307, "", "", "the server redirects, which isn't followed: it has no location"},
		{307, "http://%zz-secret", "", "the server redirects, which isn't followed: it has no location"},
		{304, "", "", "the server redirects, which isn't followed: it has no location"},
		{307, "http://user:secret@" + otherHost, "", "the server redirects to " + otherHost},
		{302, "http://a%e2%80%ae\xc2\x9b.example/", "", `the server redirects to a\u202e\u009b.example, which`},
		{302, "http://" + canary + ".example/", canary, `the server redirects to [token].example, which`},
		{307, service + "again", "", "the server redirects too often"},
	} {
		var requests atomic.Int64
		cfg := Config{URL: serve(t, func(w http.ResponseWriter, r *http.Request, method string) {
			requests.Add(1)
			if method == "elsewhere" {
				if tt.token != "" && r.Header.Get("Authorization") != "Bearer "+tt.token {
					t.Error("the same host gets no token")
				}
				w.Write(slices.Concat(hello(), trailer(0, "")))
				return
			}
			if tt.to != "" {
				w.Header().Set("Location", tt.to)
			}
			w.WriteHeader(tt.status)
		})}
		if tt.token != "" {
			cfg.Token = tokenFunc(tt.token)
		}
		_, err := newClient(t, cfg).Hello(t.Context())
		name := fmt.Sprint(tt.status, tt.to)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		checkError(t, name, err, ErrUnsupported)
		if !strings.HasPrefix(fmt.Sprint(err), tt.want) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
		if n := requests.Load(); n > 1+3 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}
