package call

import (
	"net/http"
	"net/url"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// The rules for redirects, and for tokens over plain HTTP, are the rules of package transport.

// maxRedirects bounds the redirects that one call follows.
const maxRedirects = 3

// redirect returns the URL that the answer leads to, if it is followed. The error contains only the
// host of the location, whose query may have a secret.
func (a *Answer) redirect() (*url.URL, error) {
	from := a.resp.Request.URL
	to, err := a.resp.Location()
	why := ""
	switch {
	case err != nil || to.Host == "":
		return nil, Failure(ErrUnsupported, "the server redirects, which isn't followed: it has no location", nil)
	case a.resp.StatusCode != http.StatusTemporaryRedirect && a.resp.StatusCode != http.StatusPermanentRedirect:
		why = "only 307 and 308 keep the request"
	case to.Scheme != from.Scheme:
		why = "it leads to another scheme than " + from.Scheme
	case a.token != "" && to.Host != from.Host:
		why = "the token is for " + from.Host + " only"
	case to.User != nil:
		why = "it has a user name in it"
	default:
		return to, nil
	}
	return nil, Failure(ErrUnsupported, "the server redirects to "+a.token.redact(engine.OneLine(to.Host))+", which isn't followed: "+why, nil)
}

// checkPlainHTTP refuses to send a token over plain HTTP to another machine, or through a proxy on
// another machine, where others could read it.
func (c *Client) checkPlainHTTP(target *url.URL, token Secret) error {
	if token == "" || target.Scheme == "https" || c.cfg.InsecureToken {
		return nil
	}
	if c.http.Proxy != nil {
		proxy, err := c.http.Proxy(&http.Request{URL: target, Header: http.Header{}})
		if err != nil {
			return Failure(ErrCut, "find the proxy: "+token.clean(err.Error()), token.redactError(err))
		}
		if proxy != nil && !transport.IsLoopback(proxy.Hostname()) {
			return Failure(ErrTokenRefused, "a token isn't sent over plain HTTP through the proxy "+engine.OneLine(proxy.Host)+", which could read it", nil)
		}
	}
	if !transport.IsLoopback(target.Hostname()) {
		return Failure(ErrTokenRefused, "a token isn't sent over plain HTTP to "+engine.OneLine(target.Host)+", where others could read it", nil)
	}
	return nil
}
