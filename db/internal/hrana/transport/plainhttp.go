package transport

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// checkPlainHTTP refuses to send a token where others could read it.
func (c *Client) checkPlainHTTP(target *url.URL, key *Key) error {
	if key.token == "" || c.cfg.InsecureToken {
		return nil
	}
	switch exposed, err := Exposed(target, c.http); {
	case err != nil:
		return &engine.Error{Kind: engine.ErrUnavailable, Message: "find the proxy: " + key.Clean(err.Error()), Err: err}
	case exposed != "":
		return &engine.Error{Message: exposed}
	}
	return nil
}

// Exposed says why a token isn't sent to a URL: over plain HTTP to another machine, or through a proxy on
// another machine, where others could read it. It returns "" if it may be sent. The error is the proxy's.
func Exposed(target *url.URL, by *http.Transport) (why string, err error) {
	if target.Scheme == "https" {
		return "", nil
	}
	if by.Proxy != nil {
		proxy, err := by.Proxy(&http.Request{URL: target, Header: http.Header{}})
		if err != nil {
			return "", err
		}
		if proxy != nil && !IsLoopback(proxy.Hostname()) {
			return "a token isn't sent over plain HTTP through the proxy " + engine.OneLine(proxy.Host) + ", which could read it", nil
		}
	}
	if !IsLoopback(target.Hostname()) {
		return "a token isn't sent over plain HTTP to " + engine.OneLine(target.Host) + ", where others could read it", nil
	}
	return "", nil
}

// IsLoopback reports whether host is this machine: an IP address of the loopback interface, or
// localhost. It looks up no name. Other names below localhost don't count: RFC 6761 reserves them
// for this machine too, but Go's resolver asks a DNS server, which may return another address.
func IsLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	// An IP address with a dot at the end is a name, and goes to the resolver.
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
