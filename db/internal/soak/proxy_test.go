package soak_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
)

// A proxy is a network between programs and a server that loses answers and breaks
// connections.
type proxy struct {
	listener net.Listener
	target   string
	group    sync.WaitGroup
	losing   atomic.Bool

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// startProxy returns a proxy that ends with the test, before the server does.
func startProxy(t *testing.T, server *dbtest.Server) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: strings.TrimPrefix(server.URL(), "http://"), conns: map[net.Conn]bool{}}
	p.group.Go(p.accept)
	t.Cleanup(func() {
		listener.Close()
		p.Cut()
		p.group.Wait()
	})
	return p
}

// database returns the server's database by way of the proxy.
func (p *proxy) database(d dbtest.Database) dbtest.Database {
	d.URL = "http://" + p.listener.Addr().String()
	return d
}

// Lose loses what the server answers from now on, until Cut: it does what it is asked,
// and nobody gets to know.
func (p *proxy) Lose() {
	p.losing.Store(true)
}

// Cut closes all connections.
func (p *proxy) Cut() {
	defer p.losing.Store(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		conn.Close()
	}
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.group.Go(func() { p.join(near) })
	}
}

// join connects to the server and copies both ways until one of them ends.
func (p *proxy) join(near net.Conn) {
	far, err := net.Dial("tcp", p.target)
	if err != nil {
		near.Close()
		return
	}
	p.keep(near, far)
	var group sync.WaitGroup
	carry := func(to io.Writer, from io.Reader) {
		io.Copy(to, from)
		near.Close()
		far.Close()
	}
	group.Go(func() { carry(far, near) })
	group.Go(func() { carry(answers{near, p}, far) })
	group.Wait()
	p.forget(near, far)
}

// answers are what the server sends on a connection.
type answers struct {
	near net.Conn
	p    *proxy
}

func (a answers) Write(data []byte) (int, error) {
	if a.p.losing.Load() {
		return len(data), nil
	}
	return a.near.Write(data)
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.conns[conn] = true
	}
}

func (p *proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.conns, conn)
	}
}
