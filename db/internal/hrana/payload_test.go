package hrana

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
)

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// TestOneWrite sends headers and body of a small request together.
func TestOneWrite(t *testing.T) {
	t.Parallel()
	c := newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
		fmt.Fprint(w, okReply)
	})})
	var writes atomic.Int64
	dial := c.db.transport.DialContext
	c.db.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		return countingConn{conn, &writes}, err
	}
	for range 3 {
		if err := exec(t, c, selectOne); err != nil {
			t.Fatal(err)
		}
	}
	if got := writes.Load(); got != 3 {
		t.Errorf("3 requests went out in %d writes", got)
	}
}
