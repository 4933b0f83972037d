package transport

import (
	"net/url"
	"strings"

	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// A Site holds the URLs for the requests of a stream.
type Site struct {
	base           *url.URL
	json, protobuf endpoints
}

// endpoints are the URLs of one encoding.
type endpoints struct{ pipeline, cursor *url.URL }

// An Endpoint is the URL for one kind of request in one encoding.
type Endpoint struct {
	url   *url.URL
	codec wire.Codec
}

func newSite(base *url.URL) *Site {
	return &Site{base, newEndpoints(base, "/v3/"), newEndpoints(base, "/v3-protobuf/")}
}

// newEndpoints returns the URLs in a folder of base.
func newEndpoints(base *url.URL, folder string) endpoints {
	at := func(name string) *url.URL {
		u := *base
		u.Path = strings.TrimSuffix(u.Path, "/") + folder + name
		u.RawPath = ""
		return &u
	}
	return endpoints{at("pipeline"), at("cursor")}
}

// Pipeline returns the endpoint for a pipeline request.
func (s *Site) Pipeline(codec wire.Codec) Endpoint { return Endpoint{s.of(codec).pipeline, codec} }

// Cursor returns the endpoint for a cursor request.
func (s *Site) Cursor(codec wire.Codec) Endpoint { return Endpoint{s.of(codec).cursor, codec} }

func (s *Site) of(codec wire.Codec) *endpoints {
	if codec == wire.Protobuf {
		return &s.protobuf
	}
	return &s.json
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
