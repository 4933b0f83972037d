package transport

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestCompression checks that requests ask for compressed answers until the server has proved to be
// in the same data center.
func TestCompression(t *testing.T) {
	t.Parallel()
	var got []http.Header
	c := newClient(t, Config{
		Token: withToken(canary),
		URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
			got = append(got, r.Header)
			fmt.Fprint(w, "OK")
		}),
	})
	c.noteAnswerTime(0)
	if c.sameDataCenter.Load() {
		t.Error("a server on this machine counts, although the transport disables compression for it")
	}
	c.http.DisableCompression = false
	c.noteAnswerTime(sameDataCenterTime)
	if c.sameDataCenter.Load() {
		t.Error("a slow server counts as one in the same data center")
	}
	for _, took := range []time.Duration{sameDataCenterTime, sameDataCenterTime - time.Nanosecond, time.Second} {
		c.noteAnswerTime(took)
		if err := send(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"gzip", "identity", "identity"} {
		if coding := got[i].Get("Accept-Encoding"); coding != want {
			t.Errorf("request %d asks for the coding %q, want %q", i, coding, want)
		}
		if got[i].Get("Authorization") != "Bearer "+canary || got[i].Get("Content-Type") != "application/json" {
			t.Errorf("request %d lacks other headers: %v", i, got[i])
		}
	}
}
