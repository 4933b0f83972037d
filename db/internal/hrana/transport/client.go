// Package transport sends the requests of the Hrana protocol to a server over HTTP, and returns
// their answers. It adds the token, follows redirects, waits for a busy server, and never sends
// a request again that the server may have run.
//
// A [Client] stands for a server.
package transport

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
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
	// TLS is the TLS configuration; nil is Go's default.
	TLS *tls.Config
	// Proxy returns the proxy for a request; nil is [http.ProxyFromEnvironment].
	Proxy func(*http.Request) (*url.URL, error)
	// RequestTimeout limits a request whose context has no deadline; 0 is no limit.
	RequestTimeout time.Duration
	// BusyTimeout limits the total wait while another connection holds the write lock, or while
	// the server has too many requests.
	BusyTimeout time.Duration
	// MaxConns is the number of idle TCP connections to keep; 0 is 2, as in net/http.
	MaxConns int
}

// A Client sends requests to one server. It is safe for concurrent use.
type Client struct {
	cfg  Config
	site *Site
	keys *keyring
	http *http.Transport
	// sameDataCenter is set once the server has answered within sameDataCenterTime.
	sameDataCenter atomic.Bool
	interrupted    context.Context // ends with Interrupt
	interrupt      context.CancelFunc
}

// New returns a client. It sends nothing. Its error doesn't contain the URL.
func New(cfg Config) (*Client, error) {
	base, err := ParseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	SetHeader(header, cfg.Namespace)
	c := &Client{
		cfg:  cfg,
		site: newSite(base),
		keys: newKeyring(cfg.Token, header),
		http: newTransport(&cfg, base),
	}
	c.interrupted, c.interrupt = context.WithCancel(context.Background())
	return c, nil
}

// SetHeader sets the fields of each request for a namespace, or for the default one.
func SetHeader(header http.Header, namespace string) {
	header.Set("User-Agent", "duolite")
	if namespace != "" {
		// gRPC, from which the header comes, reserves names ending in -bin for binary values.
		header.Set("X-Namespace-Bin", base64.RawStdEncoding.EncodeToString([]byte(namespace)))
	}
}

// ParseURL parses the address of a server. Its error doesn't contain the URL.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &engine.Error{Kind: engine.ErrCantOpen, Message: "the server's address is malformed: want http:// or https://, a host, and optionally a port and a path"}
	}
	return u, nil
}

// NewHTTP returns the HTTP transport of a client for a server, for a client of another protocol.
func NewHTTP(cfg *Config) *http.Transport {
	base, err := ParseURL(cfg.URL)
	if err != nil {
		base = &url.URL{} // the other client finds the error as well
	}
	return newTransport(cfg, base)
}

// newTransport returns a transport for this client alone: other users of net/http don't change
// it, and closing its idle connections closes no others.
func newTransport(cfg *Config, base *url.URL) *http.Transport {
	t := &http.Transport{
		Proxy:                 cfg.Proxy,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		// Proxies on the way commonly drop a connection after a longer time than this.
		IdleConnTimeout:     30 * time.Second,
		MaxIdleConnsPerHost: cfg.MaxConns,
		ForceAttemptHTTP2:   true,
		// Within one machine, compression takes longer than it saves.
		DisableCompression: IsLoopback(base.Hostname()),
	}
	if cfg.Proxy == nil {
		t.Proxy = http.ProxyFromEnvironment
	}
	if cfg.TLS != nil {
		t.TLSClientConfig = cfg.TLS.Clone()
	}
	return t
}

// Host returns the server's host, and its port if the URL has one.
func (c *Client) Host() string { return c.site.base.Host }

// Site returns the URLs for the first request of a stream.
func (c *Client) Site() *Site { return c.site }

// FetchToken calls Config.Token if there is no token yet.
func (c *Client) FetchToken(ctx context.Context) error {
	_, err := c.keys.get(ctx, nil)
	return err
}

// Interrupt cancels the requests in progress: they fail with [ErrClosed]. So do later ones, except
// for cleanup requests.
func (c *Client) Interrupt() { c.interrupt() }

// CloseIdleConnections closes the TCP connections that no request uses.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
