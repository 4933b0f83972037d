package suite

import (
	"io"
	"net"
	"sync"
)

// A link is a network connection to a server that can be cut. While it is cut, its address refuses
// connections.
type link struct {
	addr, target string

	mu       sync.Mutex
	listener net.Listener // nil while it is cut
	open     map[net.Conn]struct{}
}

func startLink(target string) (*link, error) {
	l := &link{addr: "127.0.0.1:0", target: target, open: make(map[net.Conn]struct{})}
	return l, l.restore()
}

// to sets the server's address for the connections that follow.
func (l *link) to(target string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = target
}

// restore ends a cut.
func (l *link) restore() error {
	listener, err := net.Listen("tcp", l.addr)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listener, l.addr = listener, listener.Addr().String()
	go l.accept(listener)
	return nil
}

// cut closes all connections.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener != nil {
		l.listener.Close()
	}
	l.listener = nil
	for conn := range l.open {
		conn.Close()
	}
	clear(l.open)
}

func (l *link) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go l.join(listener, client)
	}
}

// join forwards data until one side disconnects, or the link is cut.
func (l *link) join(listener net.Listener, client net.Conn) {
	defer client.Close()
	l.mu.Lock()
	target := l.target
	l.mu.Unlock()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	l.mu.Lock()
	if l.listener != listener { // it was cut meanwhile
		l.mu.Unlock()
		return
	}
	l.open[client], l.open[server] = struct{}{}, struct{}{}
	l.mu.Unlock()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	io.Copy(client, server)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, client)
	delete(l.open, server)
}
