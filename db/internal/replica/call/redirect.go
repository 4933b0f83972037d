package call

import (
	"net/url"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// redirect returns the URL that the answer leads to, if it is followed.
func (a *Answer) redirect() (*url.URL, error) {
	to, err := transport.RedirectTarget(a.resp, a.resp.Request.URL, a.token != "")
	if err != nil {
		return nil, Failure(ErrUnsupported, a.token.Redact(err.Error()), nil)
	}
	return to, nil
}

// checkPlainHTTP refuses to send a token where others could read it.
func (c *Client) checkPlainHTTP(target *url.URL, token Secret) error {
	if token == "" || c.cfg.InsecureToken {
		return nil
	}
	switch exposed, err := transport.Exposed(target, c.http); {
	case err != nil:
		return Failure(ErrCut, "find the proxy: "+token.Clean(err.Error()), token.RedactError(err))
	case exposed != "":
		return Failure(ErrTokenRefused, exposed, nil)
	}
	return nil
}
