package faults

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// A lostStream is a stream that the server keeps for a client that won't return, since the
// request with its baton or the reply with it was lost. An open transaction of the stream
// holds its lock.
type lostStream struct {
	path   string
	header http.Header
	baton  string
}

// batonFields find the baton in a message of either encoding. In protobuf it is the first field.
var batonFields = []*regexp.Regexp{regexp.MustCompile(`"baton"\s*:\s*"([^"]+)"`), regexp.MustCompile(`^(?:.|)\x0a.([A-Za-z0-9+/=]{32,})`)}

func findBaton(body []byte) string {
	for _, field := range batonFields {
		if found := field.FindSubmatch(body); found != nil {
			return string(found[1])
		}
	}
	return ""
}

// lose records the stream whose baton is in m.
func (p *Proxy) lose(request, m message) {
	baton := findBaton(m.body)
	fields := strings.Fields(request.first)
	if baton == "" || len(fields) < 2 {
		return
	}
	path := fields[1]
	if at := strings.LastIndex(path, "/v3"); at >= 0 {
		path = path[:at] + "/v3/pipeline" // a stream takes requests in both encodings
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = append(p.lost, lostStream{path, request.header, baton})
}

// Settle waits until the server has answered the requests of disconnected clients, and reports
// whether it has.
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

// Release calls Settle, and makes the server close the streams that clients have lost by
// faults. The server would do so later: it takes a lock for another client after 5 s, and
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

// closeStream asks the server to close a stream. The stream or the server may no longer exist.
func (p *Proxy) closeStream(s lostStream) {
	body, err := json.Marshal(map[string]any{"baton": s.baton, "requests": []any{map[string]string{"type": "close"}}})
	if err != nil {
		return
	}
	request, err := http.NewRequest(http.MethodPost, p.target.Scheme+"://"+p.target.Host+s.path, strings.NewReader(string(body)))
	if err != nil {
		return
	}
	for _, name := range []string{"Authorization", "X-Namespace-Bin"} {
		if value := s.header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	if response, err := p.control.Do(request); err == nil {
		response.Body.Close()
	}
}
