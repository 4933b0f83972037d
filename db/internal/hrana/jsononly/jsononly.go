// Package jsononly has servers without protobuf, for tests.
package jsononly

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
)

// Start starts a relay in front of a server that has the endpoints of protobuf, and returns the relay's URL. The
// server answers as one that has JSON only. The relay ends with the test.
func Start(tb testing.TB, server string) string {
	tb.Helper()
	target, found := strings.CutPrefix(server, "http://")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil || !found {
		tb.Fatalf("jsononly: %v, for the server %s", err, server)
	}
	tb.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go join(client, target)
		}
	}()
	return "http://" + listener.Addr().String()
}

// join forwards data until one side disconnects.
func join(client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer server.Close()
		io.Copy(hiding{server}, onlyReader{client})
	}()
	io.Copy(client, server)
}

// hiding replaces the path of a request in protobuf by one that the server doesn't have. The client sends the
// next request after the reply to the last, so that a request begins a read.
type hiding struct{ net.Conn }

func (h hiding) Write(b []byte) (int, error) {
	const path = "POST /v3-protobuf/"
	if bytes.HasPrefix(b, []byte(path)) {
		copy(b, "POST /v3-protobug/")
	}
	return h.Conn.Write(b)
}

// onlyReader hides the other methods from io.Copy, which then calls Write for each read.
type onlyReader struct{ io.Reader }
