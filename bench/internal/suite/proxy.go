package suite

import (
	"net"
	"sync"
	"time"
)

// A proxy simulates the network between client and server. It delays each direction by half of
// the delay, and a connection by a whole one more. It counts the traffic.
type proxy struct {
	listener net.Listener
	target   string
	delay    time.Duration

	mu      sync.Mutex
	counted traffic
}

// traffic counts requests and connections.
type traffic struct {
	requests       int
	connections    int
	sent, received int64
}

// startProxy starts a proxy for the server at the address.
func startProxy(target string, delay time.Duration) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: target, delay: delay}
	go p.accept()
	return p, nil
}

func (p *proxy) addr() string { return p.listener.Addr().String() }
func (p *proxy) close()       { p.listener.Close() }

func (p *proxy) count() traffic {
	if p == nil {
		return traffic{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counted
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.counted.connections++
		p.mu.Unlock()
		go p.join(client)
	}
}

// join forwards data until one side disconnects.
func (p *proxy) join(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	requests := &requestCounter{}
	go p.pass(server, client, p.delay, func(data []byte) {
		n := requests.count(data)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.counted.requests += n
		p.counted.sent += int64(len(data))
	})
	p.pass(client, server, 0, func(data []byte) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.counted.received += int64(len(data))
	})
}

// A piece is data that is in transit until a time.
type piece struct {
	data []byte
	due  time.Time
}

// pass forwards data, each piece at its time. The first piece is additionally delayed by
// first.
func (p *proxy) pass(to, from net.Conn, first time.Duration, see func([]byte)) {
	transit := make(chan piece, 1024)
	go func() {
		defer close(transit)
		for late := first; ; late = 0 {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				see(buffer[:n])
				transit <- piece{buffer[:n], time.Now().Add(p.delay/2 + late)}
			}
			if err != nil {
				return
			}
		}
	}()
	for piece := range transit {
		time.Sleep(time.Until(piece.due))
		if _, err := to.Write(piece.data); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	for range transit {
	}
}
