package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	html := "<!DOCTYPE html>\n<html>\n" + strings.Repeat("<p>Something went wrong.</p>\n", 100)
	for _, tt := range []struct {
		status  int
		body    string
		kind    error
		unknown bool
		want    string
	}{
		{502, html, engine.ErrUnavailable, true, "error code 502, from something that is not a libSQL server"},
		{503, `{"error": "Try\nlater"}`, engine.ErrUnavailable, true, "error code 503: Try later"},
		{500, "", engine.ErrUnavailable, true, "error code 500"},
		{500, `{"message":"m","code":"c"}`, engine.ErrUnavailable, true, "error code 500: m"},
		{429, `{"error": "Too many requests"}`, engine.ErrUnavailable, false, "error code 429: Too many requests"},
		{401, html, engine.ErrUnauthorized, false, "error code 401, from something that is not a libSQL server"},
		{403, `{"error":"Authorization forbidden: Current session doesn't not have Write permission to namespace default"}`, engine.ErrReadOnly, false, "error code 403: Authorization forbidden"},
		{403, `{"error":"Forbidden"}`, engine.ErrUnauthorized, false, "error code 403: Forbidden"},
		{404, html, nil, false, "error code 404, from something that is not a libSQL server"},
		{400, "Cannot deserialize client message from JSON: secret", nil, false, "error code 400: the server doesn't understand the request"},
		{413, "", engine.ErrTooBig, false, "error code 413"},
		{418, strings.Repeat("é ", 1000), nil, false, "error code 418: é é"},
		{418, "you sent " + canary, nil, false, "error code 418: you sent [token]"},
		{204, "", engine.ErrUnavailable, true, "error code 204"},
	} {
		c := newClient(t, Config{Token: withToken(canary), URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})})
		what := fmt.Sprintf("%d %.20q", tt.status, tt.body)
		var refusal *StatusError
		if err := send(t.Context(), c); !errors.As(err, &refusal) {
			t.Errorf("%s: error %v", what, err)
			continue
		}
		e := refusal.Convert()
		if e.Kind != tt.kind || refusal.MayHaveRun() != tt.unknown || !strings.HasPrefix(e.Message, tt.want) {
			t.Errorf("%s: %v, may have run %v: %q; want %v, %v: %q", what, e.Kind, refusal.MayHaveRun(), e.Message, tt.kind, tt.unknown, tt.want)
		}
		if text := fmt.Sprintf("%v %+v %#v", refusal, refusal, refusal); strings.Contains(text, canary) {
			t.Errorf("%s: the error shows the token: %s", what, text)
		}
		if len(e.Message) > 350 || strings.Contains(e.Message, "\n") {
			t.Errorf("%s: the error is %d bytes: %q", what, len(e.Message), e.Message)
		}
	}
}

// TestBusyServer checks the waits for a server that has too many requests.
func TestBusyServer(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		if n <= 3 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, "OK")
	})})
	if err := send(t.Context(), c); err != nil {
		t.Error(err)
	}
	c = newClient(t, Config{BusyTimeout: time.Hour, URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
		w.WriteHeader(http.StatusTooManyRequests)
	})})
	// On a busy machine the context may end in a request, whose error says more.
	for attempt := 1; ; attempt++ {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := send(ctx, c)
		cancel()
		if err == error(context.DeadlineExceeded) {
			return
		}
		if attempt == 50 || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v, want the error of the context alone: nothing ran", err)
		}
	}
}
