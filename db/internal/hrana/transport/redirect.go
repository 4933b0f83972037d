package transport

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/duolite/duolite/db/internal/engine"
)

// MaxRedirects bounds the redirects that one request follows.
const MaxRedirects = 3

// RedirectTarget returns the URL that a redirect leads to, or a [*RedirectError]. It follows 307
// and 308 only: the others turn the request into a GET without a body.
func RedirectTarget(resp *http.Response, from *url.URL, token bool) (*url.URL, error) {
	location, err := resp.Location()
	if err != nil || location.Host == "" {
		return nil, &RedirectError{"", "it has no location"}
	}
	switch {
	case resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect:
		return nil, &RedirectError{location.Host, "only 307 and 308 keep the request"}
	case location.Scheme != from.Scheme:
		return nil, &RedirectError{location.Host, "it is from " + from.Scheme + " to " + schemeName(location)}
	case token && location.Host != from.Host:
		return nil, &RedirectError{location.Host, "the token is for " + from.Host + " only"}
	case location.User != nil:
		return nil, &RedirectError{location.Host, "it has a user name in it"}
	}
	return location, nil
}

// schemeName returns the scheme for an error. Other schemes than HTTP's could be any text.
func schemeName(u *url.URL) string {
	if u.Scheme == "http" || u.Scheme == "https" {
		return u.Scheme
	}
	return "another scheme"
}

// A RedirectError is a redirect that isn't followed. It contains only the host of the location,
// whose query may have a secret.
type RedirectError struct {
	host, why string
}

// Error implements error.
func (e *RedirectError) Error() string {
	text := "the server redirects"
	if e.host != "" {
		text += " to " + engine.OneLine(e.host)
	}
	return text + ", which isn't followed: " + e.why
}

// ErrTooManyRedirects is the error of more redirects than [MaxRedirects].
var ErrTooManyRedirects = errors.New("the server redirects too often")
