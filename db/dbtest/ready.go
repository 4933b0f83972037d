package dbtest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Ports are taken from this range because it lies below the ones that systems
// hand out by themselves. The port of a server that is down can't become the
// source port of some connection, and a client that keeps dialing it can't end
// up connected to itself.
const (
	minPort = 20000
	maxPort = 32000
)

// pollInterval is the pause between two looks at whether a server is ready.
const pollInterval = 10 * time.Millisecond

// errPortTaken is why a server ended that couldn't listen on its port.
var errPortTaken = errors.New("the port is taken")

// freePort returns a loopback port that nobody listens on.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := minPort + rand.IntN(maxPort-minPort)
		var l net.Listener
		l, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port: %w", err)
}

// awaitReady waits until the server p, which listens on addr and writes to
// log, answers. It returns errPortTaken if the server ended because it could
// not listen. A server that isn't ready in time is killed.
func awaitReady(p *process, log *serverLog, addr string, timeout time.Duration) error {
	deadline := time.After(timeout)
	for {
		select {
		case <-p.exited:
			return earlyEnd(p, log)
		case <-deadline:
			p.kill()
			return fmt.Errorf("not healthy within %v", timeout)
		case <-time.After(pollInterval):
		}
		ready, err := isReady(log, addr)
		if err != nil {
			p.kill()
			return err
		}
		if ready {
			return nil
		}
	}
}

// isReady reports whether the server that writes to log answers on addr. That
// something answers there isn't enough, for it may be another server that took
// the port; but only the one that has the port announces it in its log.
func isReady(log *serverLog, addr string) (bool, error) {
	out, err := log.output()
	if err != nil {
		return false, err
	}
	return bytes.Contains(out, []byte(addr)) && isHealthy("http://"+addr), nil
}

// isHealthy reports whether the server at url says that it is well.
func isHealthy(url string) bool {
	// A transport of its own leaves no connection open and knows no proxy.
	client := http.Client{
		Transport: &http.Transport{DisableKeepAlives: true},
		Timeout:   time.Second,
	}
	resp, err := client.Get(url + "/health")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// earlyEnd returns why p, which has ended, never became ready.
func earlyEnd(p *process, log *serverLog) error {
	out, err := log.output()
	if err != nil {
		return err
	}
	if bytes.Contains(out, []byte("Address already in use")) {
		return errPortTaken
	}
	return fmt.Errorf("it ended before it was ready: %s", p.ending())
}
