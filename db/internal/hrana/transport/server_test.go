package transport

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// canary is a token that no error and no log may show.
const canary = "eyJhbGciOiJFZERTQSJ9.canary"

// serve starts a server that answers with a function, which gets the number of the request and its
// body. It returns the server's URL.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int, body string)) string {
	t.Helper()
	var n atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		answer(w, r, int(n.Add(1)), string(body))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// answerOK answers every request alike.
func answerOK(w http.ResponseWriter, _ *http.Request, _ int, _ string) { fmt.Fprint(w, "OK") }

func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.BusyTimeout == 0 {
		cfg.BusyTimeout = 300 * time.Millisecond
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// send sends a request, and reads the answer to its end.
func send(ctx context.Context, c *Client) error {
	a, err := c.Send(ctx, c.site.Pipeline(wire.JSON), []byte(`{"requests":[]}`), false, new(engine.Meter))
	if err != nil {
		return err
	}
	defer a.Close()
	_, err = a.ReadAll()
	return err
}

func withToken(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}
