package hrana

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestCompression asks a server for compressed answers until it has been seen to be near.
func TestCompression(t *testing.T) {
	t.Parallel()
	var got []http.Header
	c := newConn(t, Config{
		Token: withToken(canary),
		URL: script(t, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
			got = append(got, r.Header)
			fmt.Fprint(w, okReply)
		}),
	})
	c.db.answered(0)
	if c.db.near.Load() {
		t.Error("a server in the same machine is near, although the transport sees to it")
	}
	c.db.transport.DisableCompression = false
	c.db.answered(nearTime)
	if c.db.near.Load() {
		t.Error("a server is near that isn't fast")
	}
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
	}
	c.db.answered(nearTime - time.Nanosecond)
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
	}
	c.db.answered(time.Second)
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
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
