package main

import (
	"net/url"
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
	case u.Opaque == "" && u.Hostname() == "" && u.Path == "" && (u.RawQuery == "" || strings.Contains(s, "://")):
		return "", badInput("%.60q names no page", s)
	}
	canonical := canonicalURL(s, u)
	if again, err := url.Parse(canonical); err != nil || canonicalURL(canonical, again) != canonical {
		return s, nil // the host is invalid, so nothing is normalized
	}
	return canonical, checkText("the URL", canonical, maxURL) // xn-- makes a host longer
}

// defaultPorts are the default ports of schemes. The hosts of these schemes are
// case-insensitive.
var defaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

// canonicalURL writes the scheme and the host in lower case, converts a host that isn't ASCII
// to punycode (xn--…), and removes the default port of the scheme. It doesn't change the
// user, the path, the query and the fragment. u is s, parsed.
func canonicalURL(s string, u *url.URL) string {
	rest := s[len(u.Scheme)+len(":"):]
	port, known := defaultPorts[u.Scheme]
	if !known || u.Host == "" {
		return u.Scheme + ":" + rest
	}
	authority, path := rest[len("//"):], ""
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority, path = authority[:end], authority[end:]
	}
	user := authority[:strings.LastIndexByte(authority, '@')+1]
	host := strings.ToLower(authority[len(user):])
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":"+port), ":")
	if name, port, hasPort := strings.Cut(host, ":"); !strings.HasPrefix(host, "[") {
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			host = ascii // browsers don't convert an invalid host either
			if hasPort {
				host += ":" + port
			}
		}
	}
	return u.Scheme + "://" + user + host + path
}
