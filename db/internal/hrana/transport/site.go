package transport

import (
	"net/url"
	"strings"

	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// A Site holds the URLs for the requests of a stream.
type Site struct {
	base             *url.URL
	pipeline, cursor map[wire.Codec]*url.URL
}

// An Endpoint is the URL for one kind of request in one encoding.
type Endpoint struct {
	url   *url.URL
	codec wire.Codec
}

func newSite(base *url.URL) *Site {
	at := func(name string) map[wire.Codec]*url.URL {
		u := *base
		u.RawPath = ""
		folder := strings.TrimSuffix(u.Path, "/")
		json, protobuf := u, u
		json.Path, protobuf.Path = folder+"/v3/"+name, folder+"/v3-protobuf/"+name
		return map[wire.Codec]*url.URL{wire.JSON: &json, wire.Protobuf: &protobuf}
	}
	return &Site{base, at("pipeline"), at("cursor")}
}

// Pipeline returns the endpoint for a pipeline request.
func (s *Site) Pipeline(codec wire.Codec) Endpoint { return Endpoint{s.pipeline[codec], codec} }

// Cursor returns the endpoint for a cursor request.
func (s *Site) Cursor(codec wire.Codec) Endpoint { return Endpoint{s.cursor[codec], codec} }

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
