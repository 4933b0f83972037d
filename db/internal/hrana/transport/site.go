package transport

import (
	"net/url"
	"strings"
)

// A Site holds the URLs for the requests of a stream.
type Site struct {
	base             *url.URL
	Pipeline, Cursor *url.URL
}

func newSite(base *url.URL) *Site {
	return &Site{base, endpoint(base, "pipeline"), endpoint(base, "cursor")}
}

// endpoint returns the URL of an endpoint below base.
func endpoint(base *url.URL, name string) *url.URL {
	u := *base
	u.Path = strings.TrimSuffix(u.Path, "/") + "/v3/" + name
	u.RawPath = ""
	return &u
}

// Follow returns the site for a stream's next requests, after an answer to a request with the key.
// baseURL is the base URL in that answer. The site stays the same if baseURL is "" or not allowed.
func (s *Site) Follow(baseURL string, key *Key) *Site {
	if next := nextBase(baseURL, s.base, key.token != ""); next != s.base {
		return newSite(next)
	}
	return s
}

// nextBase returns the URL in said, or present if said isn't allowed. A server must not send the
// client from https to http, nor a token to another host without TLS.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-pipeline-of-requests-json
func nextBase(said string, present *url.URL, token bool) *url.URL {
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
