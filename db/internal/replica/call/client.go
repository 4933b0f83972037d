package call

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// Config configures a [Client].
type Config struct {
	// URL is the server's address: http:// or https://, a host, and optionally a port and a path.
	URL string
	// Namespace is the name of a database on the server; "" is the host's default database.
	Namespace string
	// Token returns the token. It is called once, and again when the server refuses the token.
	// Nil, or a result of "", sends no token.
	Token func(context.Context) (string, error)
	// InsecureToken allows the token to be sent over plain HTTP to other machines.
	InsecureToken bool
	// HTTP has the settings of connections: TLS, proxy, dialer. It is required, and copied. Over
	// HTTP/1 only the dialer's keep-alive notices that the connection of an idle log is dead.
	HTTP *http.Transport
	// RequestTimeout limits each wait for bytes of an answer, if the context has no deadline. 0 is
	// no limit.
	RequestTimeout time.Duration
}

// readBuffer is the size of the buffer of a TCP connection. With the 4 KB of net/http each frame of a log
// would take several system calls.
const readBuffer = 256 << 10

// A Client sends requests to one server. It is safe for concurrent use.
type Client struct {
	cfg    Config
	base   *url.URL
	header http.Header // without tokens
	tokens *tokens     // a pointer, of which package fmt shows the address only
	http   *http.Transport
}

// New returns a client that sends the header with each request. It sends nothing itself. Its error
// doesn't contain the URL.
func New(cfg Config, header http.Header) (*Client, error) {
	base, err := transport.ParseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	base.Path, base.RawPath = strings.TrimSuffix(base.Path, "/")+"/", ""
	header = header.Clone()
	transport.SetHeader(header, cfg.Namespace)
	// A proxy that compresses would also hold messages back.
	header.Set("Accept-Encoding", "identity")
	// All requests only read, so net/http may send one again if its connection was closed. The
	// header itself isn't sent.
	header["Idempotency-Key"] = nil
	t := cfg.HTTP.Clone()
	t.ReadBufferSize = readBuffer
	if t.HTTP2 == nil {
		// Without pings the dead connection of an idle log might never be noticed.
		t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second}
	}
	return &Client{cfg: cfg, base: base, header: header, tokens: &tokens{ask: cfg.Token}, http: t}, nil
}

// Close closes the idle connections. A running request ends with its context.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A Request is one request.
type Request struct {
	Path   string      // below the server's address
	Header http.Header // of this request alone; may be nil
	Body   []byte
	// Check looks at the header of an answer before its status. It may be nil.
	Check func(*Answer) error
	// ContentType is the beginning of the content type of an answer.
	ContentType string
}

// Post sends a request, and returns its answer if that has the status 200 and the content type. It
// sends the request again with a new token, or to the URL of a redirect. The caller must close the
// answer.
func (c *Client) Post(ctx context.Context, r *Request) (*Answer, error) {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	target, renewed := c.base.JoinPath(r.Path), false
	for redirects := 0; ; {
		a, err := c.send(ctx, target, r, token)
		if err != nil {
			return nil, err
		}
		location, err := a.head(r)
		if err == nil && location == nil {
			return a, nil
		}
		a.Close()
		old := token
		switch {
		case err == nil:
			target = location
			if redirects++; redirects > transport.MaxRedirects {
				err = Failure(ErrUnsupported, transport.ErrTooManyRedirects.Error(), nil)
			}
		case errors.Is(err, ErrTokenRefused) && !renewed:
			renewed = true
			refusal := err
			if token, err = c.tokens.get(ctx); err == nil && token == old {
				err = refusal
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// send sends a request once, and waits for the header of its answer.
func (c *Client) send(ctx context.Context, target *url.URL, r *Request, token Secret) (*Answer, error) {
	if err := c.checkPlainHTTP(target, token); err != nil {
		return nil, err
	}
	header := c.header.Clone()
	maps.Copy(header, r.Header)
	if token != "" {
		header.Set("Authorization", "Bearer "+string(token))
	}
	a := c.newAnswer(ctx, token)
	req := (&http.Request{Method: http.MethodPost, URL: target, Host: target.Host, Header: header, ContentLength: int64(len(r.Body))}).WithContext(a.ctx)
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	req.Body, _ = req.GetBody()
	if len(r.Body) == 0 {
		req.Body = http.NoBody // otherwise net/http sends it in chunks
	}
	var err error
	a.startTimer()
	a.resp, err = c.http.RoundTrip(req)
	a.timer.Stop()
	if err != nil {
		defer a.cancel(nil)
		return nil, a.lost(err, "can't reach the server: "+token.Clean(err.Error()))
	}
	return a, nil
}
