package faults

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"sync"
	"time"
)

// drainTime limits the wait for the reply to a request whose client has disconnected.
const drainTime = 10 * time.Second

// A link is a client's connection with its connection to the server.
type link struct {
	proxy          *Proxy
	client, server net.Conn
	fromClient     *bufio.Reader
	fromServer     *bufio.Reader

	mu      sync.Mutex
	frames  bool // it is a WebSocket now
	waiting []exchange
	left    bool // the client has disconnected
}

// An exchange is a request without its reply.
type exchange struct {
	request message
	trap    *Trap
}

// join forwards data until one side disconnects.
func (p *Proxy) join(client, server net.Conn) {
	l := &link{
		proxy: p, client: client, server: server,
		fromClient: bufio.NewReader(client), fromServer: bufio.NewReader(server),
	}
	p.mu.Lock()
	p.open[l] = true
	if p.closed {
		l.cut()
	}
	p.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.replies()
	}()
	l.requests()
	<-done
	p.mu.Lock()
	delete(p.open, l)
	p.mu.Unlock()
}

func (l *link) cut() {
	l.client.Close()
	l.server.Close()
}

// requests forwards the client's requests. It always reads, so that it notices when the client
// disconnects.
func (l *link) requests() {
	defer l.leave()
	for {
		// After the next byte it is known whether the protocol is HTTP or WebSocket.
		if _, err := l.fromClient.Peek(1); err != nil {
			return
		}
		m, err := l.read(l.fromClient, l.proxy.target.Host)
		if l.proxy.hidesProtobuf() {
			// The server doesn't have such a path.
			m.raw = bytes.Replace(m.raw, []byte(" /v3-protobuf/"), []byte(" /v3-none/"), 1)
		}
		if err != nil || !l.request(m) {
			return
		}
	}
}

func (l *link) read(r *bufio.Reader, host string) (message, error) {
	l.mu.Lock()
	frames := l.frames
	l.mu.Unlock()
	if frames {
		return readFrame(r)
	}
	return readHTTP(r, host)
}

// request forwards a request, and reports whether the link continues.
func (l *link) request(m message) bool {
	var trap *Trap
	if m.data {
		trap = l.proxy.next(m.body)
	}
	fault := trap.faultOf()
	switch fault {
	case CutBefore:
		l.proxy.lose(m, m)
		return false
	case CutRequest:
		l.proxy.lose(m, m)
		l.server.Write(m.raw[:len(m.raw)/2])
		return false
	case Latency:
		time.Sleep(latency)
	case Swallow:
		l.client.SetReadDeadline(time.Now().Add(l.proxy.holdTime()))
	}
	if m.data {
		l.mu.Lock()
		l.waiting = append(l.waiting, exchange{m, trap})
		l.mu.Unlock()
	}
	_, err := l.server.Write(m.raw)
	return err == nil && fault != CutSent
}

// leave closes the client's connection. The server's connection is closed after the reply,
// since a server learns late that a client has vanished.
func (l *link) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = true
	l.client.Close()
	if len(l.waiting) == 0 || l.frames {
		l.server.Close()
		return
	}
	l.server.SetReadDeadline(time.Now().Add(drainTime))
}

// replies forwards the server's replies, and notices when the server disconnects.
func (l *link) replies() {
	defer l.cut()
	for {
		m, err := l.read(l.fromServer, "")
		if err != nil || !l.reply(m) || m.last {
			return
		}
	}
}

// reply forwards a reply, and reports whether the link continues.
func (l *link) reply(m message) bool {
	e, left := l.answered(m)
	fault := e.trap.faultOf()
	switch {
	case left, fault == CutAfter, fault == CutSent:
		l.proxy.lose(e.request, m)
		return false
	case fault == CutReply:
		l.client.Write(m.raw[:len(m.raw)/2])
		l.proxy.lose(e.request, m)
		return false
	case fault == Reset:
		if tcp, ok := l.client.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		l.proxy.lose(e.request, m)
		return false
	case fault == Swallow:
		l.proxy.lose(e.request, m)
		close(e.trap.done)
		return true
	case fault == Latency:
		time.Sleep(latency)
	case fault == Drip:
		return l.drip(m.raw)
	}
	if _, err := l.client.Write(m.raw); err != nil {
		l.proxy.lose(e.request, m)
		return false
	}
	return true
}

// answered returns the request of a reply, and whether its client has disconnected.
func (l *link) answered(m message) (e exchange, left bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.data && len(l.waiting) > 0 {
		e, l.waiting = l.waiting[0], l.waiting[1:]
	}
	if !l.frames && m.status() == http.StatusSwitchingProtocols {
		l.frames = true
	}
	return e, l.left
}

func (l *link) drip(raw []byte) bool {
	piece := len(raw)/dripPieces + 1
	for len(raw) > 0 {
		n := min(piece, len(raw))
		if _, err := l.client.Write(raw[:n]); err != nil {
			return false
		}
		raw = raw[n:]
		time.Sleep(dripPause)
	}
	return true
}
