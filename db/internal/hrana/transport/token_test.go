package transport

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
	c := newClient(t, Config{
		Namespace: "straße",
		Token:     withToken(canary),
		URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
			got, path = r.Header, r.URL.Path
			fmt.Fprint(w, "OK")
		}) + "/base/",
	})
	if err := send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Authorization":   "Bearer " + canary,
		"X-Namespace-Bin": base64.RawStdEncoding.EncodeToString([]byte("straße")),
		"Content-Type":    "application/json",
		"Accept-Encoding": "", // no answer is compressed within one machine
	} {
		if got.Get(name) != want {
			t.Errorf("header %s: got %q, want %q", name, got.Get(name), want)
		}
	}
	if path != "/base/v3/pipeline" {
		t.Errorf("got the path %q", path)
	}
	if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, "canary") {
		t.Errorf("package fmt shows the token: %s", text)
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	errVault := errors.New("the vault is sealed")
	try := func(ctx context.Context, url string, ask func(context.Context) (string, error)) error {
		return send(ctx, newClient(t, Config{URL: url, Token: ask}))
	}
	err := try(t.Context(), "http://127.0.0.1:1", func(context.Context) (string, error) { return canary, errVault })
	var tokenErr *TokenError
	if !errors.As(err, &tokenErr) || !errors.Is(err, errVault) || err.Error() != "get the token: the vault is sealed" {
		t.Errorf("error %v", err)
	}
	err = try(t.Context(), "http://127.0.0.1:1", withToken(canary+"\n"))
	if err == nil || err.Error() != "get the token: it has a control character in it, such as a line end" {
		t.Errorf("error %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := try(canceled, "http://127.0.0.1:1", func(ctx context.Context) (string, error) { return "", ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	err = try(t.Context(), "http://db.example:1", withToken(canary))
	if e, ok := err.(*engine.Error); !ok || e.Kind != nil || !strings.HasPrefix(e.Message, "a token isn't sent over plain HTTP to db.example:1") {
		t.Errorf("plain HTTP: error %v", err)
	}
	for _, url := range []string{"http://localhost:1", "http://127.9.9.9:1", "http://[::1]:1"} {
		err := try(t.Context(), url, withToken(canary))
		if e, ok := err.(*SendError); !ok || e.Sent {
			t.Errorf("%s: error %v, want a failed dial", url, err)
		}
	}
	if err := try(t.Context(), "http://127.0.0.1:1", withToken("")); err == nil {
		t.Error("no server, and no error")
	}
}

// TestTokenOnce checks that concurrent requests call Config.Token once.
func TestTokenOnce(t *testing.T) {
	t.Parallel()
	var asked int
	c := newClient(t, Config{
		URL:   serve(t, answerOK),
		Token: func(context.Context) (string, error) { asked++; return canary, nil },
	})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			err := c.FetchToken(t.Context())
			if err == nil {
				err = send(t.Context(), c)
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

// TestTokenInAnswer checks that no error shows the token, wherever the server shows it.
func TestTokenInAnswer(t *testing.T) {
	t.Parallel()
	key := &Key{token: canary}
	for what, text := range map[string]string{
		"Clean":       key.Clean("you sent " + canary),
		"RedactError": fmt.Sprintf("%+v", key.token.RedactError(fmt.Errorf("malformed header %q", canary))),
	} {
		if strings.Contains(text, canary) || !strings.Contains(text, "[token]") {
			t.Errorf("%s: got %q", what, text)
		}
	}
}
