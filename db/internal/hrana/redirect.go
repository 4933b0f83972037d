package hrana

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxRedirects bounds how many redirects in a row are followed.
const maxRedirects = 3

// redirectTarget returns where a redirect leads, or why it isn't followed. Only 307 and
// 308 keep the method and the body; the others would make it a GET.
func redirectTarget(resp *http.Response, from *url.URL, token bool) (*url.URL, error) {
	location, err := resp.Location()
	if err != nil || location.Host == "" {
		return nil, &redirectError{"", "it doesn't say where to"}
	}
	switch {
	case resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect:
		return nil, &redirectError{location.Host, "only 307 and 308 keep the request"}
	case location.Scheme != from.Scheme:
		return nil, &redirectError{location.Host, "it is from " + from.Scheme + " to " + schemeName(location)}
	case token && location.Host != from.Host:
		return nil, &redirectError{location.Host, "the token is for " + from.Host + " only"}
	case location.User != nil:
		return nil, &redirectError{location.Host, "it has a user name in it"}
	}
	return location, nil
}

// schemeName returns the scheme, which another wrote.
func schemeName(u *url.URL) string {
	if u.Scheme == "http" || u.Scheme == "https" {
		return u.Scheme
	}
	return "another scheme"
}

// A redirectError is a redirect that isn't followed. It names the host and no more:
// the query may hold what is to stay secret.
type redirectError struct {
	host, why string
}

func (e *redirectError) Error() string {
	text := "the server redirects"
	if e.host != "" {
		text += " to " + engine.OneLine(e.host)
	}
	return text + ", which isn't followed: " + e.why
}

var errTooManyRedirects = errors.New("the server redirects too often")

// streamBase returns the URL that the server wants a stream's next requests at, or the
// present one if it says nothing or can't be followed: what a reply says must not lead
// a token to where it isn't meant to go, nor from https to http.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-pipeline-of-requests-json
func streamBase(said string, present *url.URL, token bool) *url.URL {
	if said == "" {
		return present
	}
	u, err := url.Parse(said)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != present.Scheme {
		return present
	}
	if token && u.Host != present.Host && u.Scheme != "https" {
		return present
	}
	u.RawQuery, u.Fragment = "", ""
	return u
}

// A site is where a stream's requests go.
type site struct {
	url, pipeline, cursor *url.URL
}

func newSite(base *url.URL) *site {
	return &site{base, endpoint(base, "pipeline"), endpoint(base, "cursor")}
}

// endpoint returns the URL of a call below base.
func endpoint(base *url.URL, name string) *url.URL {
	u := *base
	u.Path = strings.TrimSuffix(u.Path, "/") + "/v3/" + name
	u.RawPath = ""
	return &u
}

// IsLoopback reports whether host is this machine, by its form: no name is looked up. What
// goes there crosses no network. RFC 6761 wants all names below localhost to be this
// machine as well, but Go's resolver asks a server for them, who can say otherwise.
func IsLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	// With a dot at its end an address is a name, and goes to a resolver.
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
