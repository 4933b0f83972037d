package faults

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Proxy forwards requests of a client to a server, and applies a [Fault] to chosen requests.
// It supports HTTP/1.1 and WebSockets; each WebSocket message counts as a request. It sends no
// request twice, and forwards a reply after it has received all of it.
//
// All methods may be called from any goroutine.
type Proxy struct {
	target   *url.URL
	listener net.Listener
	control  *http.Client
	links    sync.WaitGroup

	mu       sync.Mutex
	onlyJSON bool
	hold     time.Duration
	requests int
	armed    []*Trap
	lost     []lostStream
	open     map[*link]bool
	closed   bool
}

// A Trap is a fault that waits for its request.
type Trap struct {
	proxy    *Proxy
	fault    Fault
	skip     int // number of matching requests to let pass
	contains []byte
	fired    bool
	done     chan struct{}
}

// StartProxy starts a proxy for the server at target, an http:// or https:// URL. It ends with
// the test.
func StartProxy(tb testing.TB, target string) *Proxy {
	tb.Helper()
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		tb.Fatalf("faults: the target isn't http:// or https:// and a host")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("faults: %v", err)
	}
	p := &Proxy{
		target:   u,
		listener: listener,
		control:  &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
		hold:     defaultHold,
		open:     map[*link]bool{},
	}
	p.links.Add(1)
	go p.accept()
	tb.Cleanup(p.close)
	return p
}

// URL returns the URL for clients, such as "http://127.0.0.1:23456".
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// Arm sets a trap for the n-th next request, from 1, whose body contains a text. The empty
// text matches every request. If several traps match a request, the oldest gets it.
func (p *Proxy) Arm(fault Fault, n int, contains string) *Trap {
	trap := &Trap{proxy: p, fault: fault, skip: n - 1, contains: []byte(contains), done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = append(p.armed, trap)
	return trap
}

// Disarm removes all waiting traps.
func (p *Proxy) Disarm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = nil
}

// Fired reports whether the trap has got its request.
func (t *Trap) Fired() bool {
	t.proxy.mu.Lock()
	defer t.proxy.mu.Unlock()
	return t.fired
}

// Done is closed when the fault has occurred. For [Swallow] that is when the reply was
// dropped.
func (t *Trap) Done() <-chan struct{} { return t.done }

// faultOf returns the trap's fault, or None for a nil trap.
func (t *Trap) faultOf() Fault {
	if t == nil {
		return None
	}
	return t.fault
}

// Requests returns the number of requests so far.
func (p *Proxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// OnlyJSON makes the server answer as one that has no protobuf, from the next request on.
func (p *Proxy) OnlyJSON() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onlyJSON = true
}

func (p *Proxy) hidesProtobuf() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.onlyJSON
}

// SetHold sets the time after which [Swallow] closes a connection that the client doesn't
// close. The default is 300 ms. A Commit, which has no context, always waits that long.
func (p *Proxy) SetHold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold = d
}

func (p *Proxy) holdTime() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hold
}

// next counts a request and returns its trap, or nil.
func (p *Proxy) next(body []byte) (next *Trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	rest := p.armed[:0]
	for _, trap := range p.armed {
		switch {
		case !bytes.Contains(body, trap.contains):
		case trap.skip > 0:
			trap.skip--
		case next == nil:
			next, trap.fired = trap, true
			if trap.fault != Swallow {
				close(trap.done)
			}
			continue
		}
		rest = append(rest, trap)
	}
	clear(p.armed[len(rest):])
	p.armed = rest
	return next
}

func (p *Proxy) accept() {
	defer p.links.Done()
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.links.Add(1)
		go func() {
			defer p.links.Done()
			server, err := p.dial()
			if err != nil {
				client.Close()
				return
			}
			p.join(client, server)
		}()
	}
}

func (p *Proxy) dial() (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	port := p.target.Port()
	if p.target.Scheme == "http" {
		return dialer.Dial("tcp", net.JoinHostPort(p.target.Hostname(), orElse(port, "80")))
	}
	return tls.DialWithDialer(dialer, "tcp", net.JoinHostPort(p.target.Hostname(), orElse(port, "443")),
		&tls.Config{NextProtos: []string{"http/1.1"}})
}

func orElse(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}

// close stops the proxy and waits until its goroutines have ended.
func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for l := range p.open {
		l.cut()
	}
	p.mu.Unlock()
	p.links.Wait()
}
