package suite

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestProxy: what passes is what was sent, it takes the delay at least, and is counted.
func TestProxy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	}))
	defer server.Close()
	const delay = 20 * time.Millisecond
	p, err := startProxy(server.Listener.Addr().String(), delay)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	text := strings.Repeat("all of it", 10_000)
	for i := range 3 {
		began := time.Now()
		resp, err := client.Post("http://"+p.addr(), "text/plain", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(got) != text {
			t.Fatalf("%d bytes came back, %v", len(got), err)
		}
		least := delay
		if i == 0 { // it connects as well
			least *= 2
		}
		if took := time.Since(began); took < least {
			t.Errorf("request %d took %v, want %v at least", i, took, least)
		}
	}
	if c := p.count(); c.requests != 3 || c.connections != 1 || c.sent < int64(3*len(text)) || c.received < int64(3*len(text)) {
		t.Errorf("counted %+v", c)
	}
}
