package hrana

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	var got http.Header
	var path string
	c := newConn(t, Config{
		Namespace: "straße",
		Token:     withToken(canary),
		URL: script(t, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
			got, path = r.Header, r.URL.Path
			fmt.Fprint(w, okReply)
		}) + "/base/",
	})
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Authorization":   "Bearer " + canary,
		"X-Namespace-Bin": base64.RawStdEncoding.EncodeToString([]byte("straße")),
		"Content-Type":    "application/json",
		"Accept-Encoding": "", // nothing is compressed within a machine
	} {
		if got.Get(name) != want {
			t.Errorf("header %s: got %q, want %q", name, got.Get(name), want)
		}
	}
	if path != "/base/v3/pipeline" {
		t.Errorf("got the path %q", path)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", c, c, c, c, c.db, c.db, c.db); strings.Contains(text, "canary") {
		t.Errorf("the token is shown: %s", text)
	}
}

// TestTokenIsRenewed asks for another token when the server refuses the first.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	asked := 0
	good := "good1"
	var requests int
	c := newConn(t, Config{
		Token: func(context.Context) (string, error) {
			asked++
			return []string{"old", "good1", "good2", "good2", "bad"}[asked-1], nil
		},
		URL: script(t, func(w http.ResponseWriter, r *http.Request, n int, body string) {
			requests = n
			switch {
			case r.Header.Get("Authorization") != "Bearer "+good:
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"error":"Unauthorized"}`)
			case strings.Contains(body, "BEGIN"):
				fmt.Fprint(w, txReply)
			default:
				fmt.Fprint(w, okReply)
			}
		}),
	})
	check := func(what string, err error, wantAsked, wantRequests int) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if asked != wantAsked || requests != wantRequests {
			t.Errorf("%s: asked %d times, %d requests; want %d, %d", what, asked, requests, wantAsked, wantRequests)
		}
	}
	check("the first", exec(t, c, insertOne), 2, 2)
	check("the second", exec(t, c, insertOne), 2, 3)
	good = "good2"
	err := c.Begin(t.Context(), engine.Write)
	check("renewed", errors.Join(err, exec(t, c, insertOne)), 3, 5)
	good = "none"
	err = exec(t, c, insertOne)
	checkErr(t, "the same again", err, engine.ErrUnauthorized, false, "error code 401: Unauthorized")
	check("the same again", nil, 4, 6)
	checkErr(t, "then", exec(t, c, insertOne), engine.ErrTxOver, false, "")
	if err := c.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	checkErr(t, "another bad one", exec(t, c, insertOne), engine.ErrUnauthorized, false, "error code 401: Unauthorized")
	check("another bad one", nil, 5, 8)
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	errVault := errors.New("the vault is sealed")
	connect := func(ctx context.Context, url string, ask func(context.Context) (string, error)) error {
		c, err := New(Config{URL: url, Token: ask}).Connect(ctx)
		if err == nil {
			err = c.Ping(ctx)
		}
		return err
	}
	err := connect(t.Context(), "http://127.0.0.1:1", func(context.Context) (string, error) { return canary, errVault })
	var tokenErr *TokenError
	if !errors.As(err, &tokenErr) || !errors.Is(err, errVault) || err.Error() != "get the token: the vault is sealed" {
		t.Errorf("error %v", err)
	}
	err = connect(t.Context(), "http://127.0.0.1:1", withToken(canary+"\n"))
	if err == nil || err.Error() != "get the token: it has a control character in it, such as a line end" {
		t.Errorf("error %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := connect(canceled, "http://127.0.0.1:1", func(ctx context.Context) (string, error) { return "", ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	err = connect(t.Context(), "http://db.example:1", withToken(canary))
	checkErr(t, "plain HTTP", err, nil, false, "a token isn't sent over plain HTTP to db.example:1")
	for _, url := range []string{"http://localhost:1", "http://127.9.9.9:1", "http://[::1]:1"} {
		checkErr(t, url, connect(t.Context(), url, withToken(canary)), engine.ErrUnavailable, false, "can't reach the server")
	}
	if err := connect(t.Context(), "http://127.0.0.1:1", withToken("")); err == nil {
		t.Error("nobody answers")
	}
}

// TestTokenOnce asks for it once, whoever needs it.
func TestTokenOnce(t *testing.T) {
	t.Parallel()
	var asked int
	d := New(Config{
		URL:   script(t, always200(okReply)),
		Token: func(context.Context) (string, error) { asked++; return canary, nil },
	})
	d.(*database).hasTx.Store(true)
	defer d.Close()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			c, err := d.Connect(t.Context())
			if err == nil {
				err = c.Ping(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
