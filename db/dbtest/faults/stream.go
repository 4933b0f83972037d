package faults

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// A lostStream is one that the server keeps for a client that will not come back: the
// reply with its baton didn't arrive, or the request with it. An open transaction keeps
// its lock in it.
type lostStream struct {
	path   string
	header http.Header
	baton  string
}

var batonField = regexp.MustCompile(`"baton"\s*:\s*"([^"]+)"`)

// lose keeps the stream whose baton is in m.
func (p *Proxy) lose(request, m message) {
	found := batonField.FindSubmatch(m.body)
	fields := strings.Fields(request.first)
	if found == nil || len(fields) < 2 {
		return
	}
	path := strings.TrimSuffix(fields[1], "cursor")
	if path != fields[1] {
		path += "pipeline"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = append(p.lost, lostStream{path, request.header, string(found[1])})
}

// Settle waits until the server is done with the requests of clients that have left, and
// reports whether it is.
func (p *Proxy) Settle() bool {
	for deadline := time.Now().Add(2 * drainTime); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if !p.draining() {
			return true
		}
	}
	return false
}

func (p *Proxy) draining() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.open {
		l.mu.Lock()
		draining := l.left
		l.mu.Unlock()
		if draining {
			return true
		}
	}
	return false
}

// Release settles, and makes the server close the streams that faults have cost their
// clients. It would do so itself: it gives a lock to another that wants it after 5 s, and
// closes an idle stream after 10 s.
func (p *Proxy) Release() {
	p.Settle()
	p.mu.Lock()
	lost := p.lost
	p.lost = nil
	p.mu.Unlock()
	for _, s := range lost {
		p.closeStream(s)
	}
}

// closeStream asks the server to close a stream. It may be gone, and so may the server.
func (p *Proxy) closeStream(s lostStream) {
	body, err := json.Marshal(map[string]any{"baton": s.baton, "requests": []any{map[string]string{"type": "close"}}})
	if err != nil {
		return
	}
	request, err := http.NewRequest(http.MethodPost, p.target.Scheme+"://"+p.target.Host+s.path, strings.NewReader(string(body)))
	if err != nil {
		return
	}
	for _, name := range []string{"Authorization", "Content-Type", "X-Namespace-Bin"} {
		if value := s.header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	if response, err := p.control.Do(request); err == nil {
		response.Body.Close()
	}
}
