package suite

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestLink: a link that is cut refuses connections, also of clients that had one, until it is restored.
func TestLink(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	l, err := startLink(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer l.cut()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	works := func(want bool) {
		t.Helper()
		resp, err := client.Get("http://" + l.addr)
		if err == nil {
			resp.Body.Close()
		}
		if (err == nil) != want {
			t.Errorf("error %v, want success %v", err, want)
		}
	}
	works(true)
	l.cut()
	works(false)
	if err := l.restore(); err != nil {
		t.Fatal(err)
	}
	works(true)
}
