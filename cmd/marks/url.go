package main

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// cleanURL accepts every absolute URL, also those that browsers make up, and returns it in the form
// in which it is saved: what browsers write in one way, whoever typed it, is written so.
func cleanURL(raw string) (string, error) {
	s := strings.TrimSpace(raw)
	if err := checkText("the URL", s, maxURL); err != nil {
		return "", err
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", badInput("the URL %.60q has a control character in it", s)
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
		return "", badInput("the URL is empty")
	case strings.HasPrefix(strings.ToLower(s), "javascript:"):
		return "javascript:" + s[len("javascript:"):], nil // a bookmarklet: whatever follows is its program
	case err != nil:
		return "", badInput("%.60q is not a URL", s)
	case u.Scheme == "":
		return "", badInput("%.60q has no scheme; did you mean https://%.60s?", s, s)
	case u.Opaque == "" && u.Host == "" && u.Path == "" && (u.RawQuery == "" || strings.Contains(s, "://")):
		return "", badInput("%.60q names no page", s)
	}
	canonical := canonicalURL(s)
	if _, err := url.Parse(canonical); err != nil || canonicalURL(canonical) != canonical {
		return s, nil // of a host that none can be
	}
	return canonical, checkText("the URL", canonical, maxURL) // a host in other letters is longer
}

// defaultPorts are the ports that a URL of the scheme need not have. In URLs of these schemes the host's
// case is of no meaning.
var defaultPorts = map[string]int{"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

// canonicalURL writes the scheme and the host in small letters, a host that isn't ASCII as browsers send it
// (xn--…), and no port that is the scheme's own. Path, query and fragment stay as they are. The URL
// has been parsed without an error.
func canonicalURL(s string) string {
	scheme, rest, _ := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	port, known := defaultPorts[scheme]
	rest, hasHost := strings.CutPrefix(rest, "//")
	if !hasHost {
		return scheme + ":" + rest
	}
	authority, rest := rest, ""
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority, rest = authority[:end], authority[end:]
	}
	if known {
		user := authority[:strings.LastIndexByte(authority, '@')+1]
		authority = user + canonicalHost(authority[len(user):], port)
	}
	return scheme + "://" + authority + rest
}

// canonicalHost is canonicalURL for a host and its port.
func canonicalHost(hostport string, defaultPort int) string {
	host, port := hostport, ""
	if colon := strings.LastIndexByte(hostport, ':'); colon > strings.LastIndexByte(hostport, ']') {
		host, port = hostport[:colon], hostport[colon:]
	}
	if number, err := strconv.Atoi(strings.TrimPrefix(port, ":")); port == ":" || err == nil && number == defaultPort {
		port = ""
	}
	host = strings.ToLower(host)
	if address, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && address.Is6() && address.Zone() == "" {
		return "[" + address.String() + "]" + port
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii // else it is none that browsers know either
	}
	return host + port
}

// isRelative reports whether a link says its page only beside another's URL.
func isRelative(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && s != ""
}

// parseBase reads the URL that relative links are relative to, or returns nil for "".
func parseBase(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	s, err := cleanURL(raw)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return nil, badInput("%.60q is no page that links could be relative to; want a URL such as https://links.example/", raw)
	}
	return u, nil
}
