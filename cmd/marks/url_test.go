package main

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCanonicalURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"http://DUP.test/":                         "http://dup.test/",
		"HTTP://dup.Test:80/A?B=C#D":               "http://dup.test/A?B=C#D",
		" https://dup.test:443 ":                   "https://dup.test",
		"https://dup.test:80/":                     "https://dup.test:80/",
		"http://dup.test:/":                        "http://dup.test/",
		"http://dup.test:0080/":                    "http://dup.test/",
		"http://User:Pass@DUP.test:8080/%7Ea/../":  "http://User:Pass@dup.test:8080/%7Ea/../",
		"http://a@B@C.test/":                       "http://a@B@c.test/",
		"ws://:A:":                                 "ws://:A:", // no host
		"http://B\u00dcCHER.example/\u00dc?\u00dc": "http://xn--bcher-kva.example/\u00dc?\u00dc",
		"http://xn--Bcher-KVA.example/":            "http://xn--bcher-kva.example/",
		"http://bu\u0308cher\u3002example/":        "http://xn--bcher-kva.example/",
		"http://\u65e5\u672c\u8a9e.example:80":     "http://xn--wgv71a119e.example",
		"http://under_score.Example/":              "http://under_score.example/",
		"http://-A-.example/":                      "http://-a-.example/",
		"http://127.0.0.1:80/":                     "http://127.0.0.1/",
		"http://[::FFFF]:80/":                      "http://[::ffff]/",
		"http://[2001:DB8:0:0::1]:8080/":           "http://[2001:db8::1]:8080/",
		"http://LOCALHOST/":                        "http://localhost/",
		"http://dup.test?Q":                        "http://dup.test?Q",
		"FTP://Host:21/File":                       "ftp://host/File",
		"File:///C:/Folder":                        "file:///C:/Folder",
		"Chrome://Settings/Privacy":                "chrome://Settings/Privacy",
		"ABOUT:Config":                             "about:Config",
		"mailto:Someone@Example.org":               "mailto:Someone@Example.org",
		"data:text/html,HTTP://A":                  "data:text/html,HTTP://A",
		"JavaScript:void('HTTP://A')//":            "javascript:void('HTTP://A')//",
		"magnet:?xt=urn:btih:ABC":                  "magnet:?xt=urn:btih:ABC",
		"http:Opaque":                              "http:Opaque",
		"http:/Path":                               "http:/Path",
		"urn:ISBN:1":                               "urn:ISBN:1",
		"http://dup.test/http://DUP.test:80/":      "http://dup.test/http://DUP.test:80/",
		"view-source:HTTP://DUP.test/":             "view-source:HTTP://DUP.test/",
	} {
		got, err := cleanURL(raw)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("cleanURL(%q) is %q, %v, want %q", raw, got, err, want)
		}
	}
}

// FuzzCleanURL wants one form for what is one page, and a path that nobody touches.
func FuzzCleanURL(f *testing.F) {
	f.Add("HTTP", "User@", "B\u00fccher.example", ":80", "/A/../%7e?B#C")
	f.Add("https", "", "[::1]", ":0443", "")
	f.Add("ws", "a:b@", "under_score\u3002x", ":", "?//@:")
	f.Fuzz(func(t *testing.T, scheme, user, host, port, rest string) {
		for _, part := range []string{scheme, user, host, port, rest} {
			if !utf8.ValidString(part) {
				t.Skip()
			}
		}
		raw := scheme + "://" + user + host + port + rest
		got, err := cleanURL(raw)
		if err != nil {
			return
		}
		if again, err := cleanURL(got); again != got || err != nil {
			t.Errorf("%q becomes %q, and then %q (%v)", raw, got, again, err)
		}
		u, err := url.Parse(got)
		if err != nil || !utf8.ValidString(got) {
			t.Fatalf("%q becomes %q: %v", raw, got, err)
		}
		was, err := url.Parse(strings.TrimSpace(raw))
		if err != nil {
			return // a bookmarklet
		}
		if u.EscapedPath() != was.EscapedPath() || u.RawQuery != was.RawQuery || u.EscapedFragment() != was.EscapedFragment() || u.User.String() != was.User.String() || u.Opaque != was.Opaque {
			t.Errorf("%q becomes %q", raw, got)
		}
		upper, err := cleanURL(strings.ToUpper(scheme) + "://" + user + asciiUpper(host) + port + rest)
		if _, known := defaultPorts[was.Scheme]; known && canonicalURL(got) == got && (err != nil || upper != got) {
			t.Errorf("%q becomes %q, and in capitals %q (%v)", raw, got, upper, err)
		}
	})
}

func asciiUpper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - ('a' - 'A')
		}
		return r
	}, s)
}
