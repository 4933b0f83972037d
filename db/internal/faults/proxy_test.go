package faults_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/faults"
)

// TestProxy wants each fault to be what it says: seen by a client, and by a server that
// counts the requests that it got as a whole.
func TestProxy(t *testing.T) {
	var served atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			served.Add(1)
			io.WriteString(w, strings.Repeat("x", 5000)) // in chunks
		}
	}))
	defer server.Close()
	tests := []struct {
		fault    faults.Fault
		served   int32
		answered bool
	}{
		{faults.None, 1, true},
		{faults.CutBefore, 0, false},
		{faults.CutRequest, 0, false},
		{faults.CutSent, 1, false},
		{faults.CutAfter, 1, false},
		{faults.CutReply, 1, false},
		{faults.Reset, 1, false},
		{faults.Swallow, 1, false},
		{faults.Latency, 1, true},
		{faults.Drip, 1, true},
	}
	if len(tests) != len(faults.All()) {
		t.Errorf("%d faults are tested of %d", len(tests), len(faults.All()))
	}
	for _, tt := range tests {
		t.Run(tt.fault.String(), func(t *testing.T) {
			p := faults.StartProxy(t, server.URL)
			p.SetHold(10 * time.Millisecond)
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			trap := p.Arm(tt.fault, 2, "mark")
			for n, body := range []string{"no", "a mark", "no", "another mark", "mark"} {
				served.Store(0)
				err := post(client, p.URL(), body)
				p.Settle()
				wantServed, wantAnswered := int32(1), true
				if n == 3 {
					wantServed, wantAnswered = tt.served, tt.answered
				}
				if got := served.Load(); got != wantServed {
					t.Errorf("request %d: served %d times, want %d", n+1, got, wantServed)
				}
				if (err == nil) != wantAnswered {
					t.Errorf("request %d: error %v, want an answer: %v", n+1, err, wantAnswered)
				}
				if fired := trap.Fired(); fired != (n >= 3) {
					t.Errorf("after request %d: fired: %v", n+1, fired)
				}
			}
			<-trap.Done()
			if n := p.Requests(); n != 5 {
				t.Errorf("%d requests, want 5", n)
			}
		})
	}
}

func post(client *http.Client, url, body string) error {
	resp, err := client.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && len(text) != 5000 {
		err = io.ErrUnexpectedEOF
	}
	return err
}
