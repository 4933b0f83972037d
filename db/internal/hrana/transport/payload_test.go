package transport

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
)

// A countingConn counts its writes.
type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// TestOneWrite checks that the headers and the body of a small request are sent together.
func TestOneWrite(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{URL: serve(t, answerOK)})
	var writes atomic.Int64
	dial := c.http.DialContext
	c.http.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		return countingConn{conn, &writes}, err
	}
	for range 3 {
		if err := send(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if got := writes.Load(); got != 3 {
		t.Errorf("3 requests took %d writes", got)
	}
}
