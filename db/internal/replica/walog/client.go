package walog

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
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
	// HTTP has the settings of connections: TLS, proxy, dialer. It is required, and copied. Over
	// HTTP/1 only the dialer's keep-alive notices that the connection of an idle log is dead.
	HTTP *http.Transport
	// RequestTimeout limits each wait for an answer, or for the next frame of a snapshot, if the
	// context has no deadline. 0 is no limit. A wait for the next frame of the log has no limit.
	RequestTimeout time.Duration
}

// A Client reads the log of one database on a server. It is safe for concurrent use.
type Client struct {
	cfg    Config
	base   *url.URL    // of the service
	header http.Header // without tokens
	tokens *tokens     // a pointer, of which package fmt shows the address only
	http   *http.Transport
}

// New returns a client. It sends nothing. Its error doesn't contain the URL.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, &engine.Error{Kind: engine.ErrCantOpen, Message: "the server's address is malformed: want http:// or https://, a host, and optionally a port and a path"}
	}
	base.Path, base.RawPath = strings.TrimSuffix(base.Path, "/")+"/wal_log.ReplicationLog/", ""
	header := http.Header{
		"Content-Type": {"application/grpc-web+proto"},
		"User-Agent":   {"duolite"},
		// A proxy that compresses would also hold frames back.
		"Accept-Encoding": {"identity"},
		// All requests only read, so net/http may send one again if its connection was closed.
		// The header itself isn't sent.
		"Idempotency-Key": nil,
	}
	if cfg.Namespace != "" {
		// gRPC reserves names ending in -bin for binary values.
		header.Set("X-Namespace-Bin", base64.RawStdEncoding.EncodeToString([]byte(cfg.Namespace)))
	}
	t := cfg.HTTP.Clone()
	if t.HTTP2 == nil {
		// Without pings the dead connection of an idle log might never be noticed.
		t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second}
	}
	return &Client{cfg: cfg, base: base, header: header, tokens: &tokens{ask: cfg.Token}, http: t}, nil
}

// Close closes the idle connections. A running call ends with its context.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A Session is a server's answer to [Client.Hello].
type Session struct {
	// LogID identifies the log. A server that crashed begins a new log.
	LogID string
	// Next is the number of the frame after the last committed one: 0 for an empty database. A
	// replica that has copied more of the same log has another history.
	Next uint64
	// BlockReads and BlockWrites report whether the server refuses queries or writes, and
	// BlockReason says why on one line, or is "".
	BlockReads, BlockWrites bool
	BlockReason             string

	token *secret
}

// Same reports whether the log was not replaced between two sessions: the server's process is the same,
// and its configuration.
func (s *Session) Same(other *Session) bool {
	return other != nil && s.LogID == other.LogID && *s.token == *other.token
}

// Hello opens a session. The session ends when the server is restarted or its configuration
// changes; it needs no closing.
func (c *Client) Hello(ctx context.Context) (*Session, error) {
	const version = 1 // without it the server would remember the TCP connection
	a, err := c.call(ctx, "Hello", nil, uintMessage(version))
	if err != nil {
		return nil, err
	}
	defer a.close()
	var s Session
	message, err := a.next()
	if err == nil {
		if err := s.decode(message); err != nil {
			return nil, malformed(err.Error())
		}
		_, err = a.next()
	}
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case err == nil || s.LogID == "":
		return nil, malformed("the answer to Hello doesn't have one message")
	}
	a.finish()
	return &s, nil
}
