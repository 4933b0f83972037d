package main

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// cleanURL returns an absolute URL in the form in which it is saved. It accepts every scheme,
// including schemes that only browsers know. Two URLs that browsers write in the same way
// get the same form.
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
		return "javascript:" + s[len("javascript:"):], nil // a bookmarklet: the rest is its program
	case err != nil:
		return "", badInput("%.60q is not a URL", s)
	case u.Scheme == "":
		return "", badInput("%.60q has no scheme; did you mean https://%.60s?", s, s)
	case u.Opaque == "" && u.Host == "" && u.Path == "" && (u.RawQuery == "" || strings.Contains(s, "://")):
		return "", badInput("%.60q names no page", s)
	}
	canonical := canonicalURL(s)
	if _, err := url.Parse(canonical); err != nil || canonicalURL(canonical) != canonical {
		return s, nil // the host is invalid, so nothing is normalized
	}
	return canonical, checkText("the URL", canonical, maxURL) // xn-- makes a host longer
}

// defaultPorts are the default ports of schemes. The hosts of these schemes are
// case-insensitive.
var defaultPorts = map[string]int{"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

// canonicalURL writes the scheme and the host in lower case, converts a host that isn't ASCII
// to punycode (xn--…), and removes the default port of the scheme. It doesn't change the
// path, the query and the fragment. The URL must have been parsed without an error.
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

// canonicalHost does the work of canonicalURL for a host and its port.
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
		host = ascii // browsers don't convert an invalid host either
	}
	return host + port
}

// isRelative reports whether s is a relative URL.
func isRelative(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && s != ""
}

// parseBase parses the base URL of relative links. It returns nil for "".
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
