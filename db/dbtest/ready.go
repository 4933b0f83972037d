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

// Ports are taken from this range because it is below the ephemeral ports of common systems.
// So the port of a stopped server can't become the source port of another connection, and a
// client that keeps dialing the port can't connect to itself.
const (
	minPort = 20000
	maxPort = 32000
)

// pollInterval is the pause between two checks whether a server is ready.
const pollInterval = 10 * time.Millisecond

// errPortTaken: the server ended because it couldn't listen on its port.
var errPortTaken = errors.New("the port is taken")

// freePort returns a loopback port on which no process listens.
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

// awaitReady waits until the server p, which listens on addr and writes to log, answers. It
// returns errPortTaken if the server ended because it couldn't listen. It kills a server that
// isn't ready in time.
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
		out, err := log.output()
		if err != nil {
			p.kill()
			return err
		}
		// An answer isn't enough, since another server may have taken the port. Only the server that listens on
		// the port announces it in its log.
		if bytes.Contains(out, []byte(addr)) && isHealthy("http://"+addr) {
			return nil
		}
	}
}

// isHealthy reports whether the server at url reports that it is healthy.
func isHealthy(url string) bool {
	// A separate transport leaves no connection open and uses no proxy.
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

// earlyEnd returns the reason why p ended before it was ready.
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
