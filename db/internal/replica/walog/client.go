package walog

import (
	"context"
	"io"
	"net/http"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// Config configures a [Client].
type Config = call.Config

// A Client reads the log of one database on a server. It is safe for concurrent use.
type Client struct {
	call *call.Client
}

// New returns a client. It sends nothing. Its error doesn't contain the URL.
func New(cfg Config) (*Client, error) {
	c, err := call.New(cfg, http.Header{"Content-Type": {"application/grpc-web+proto"}})
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close closes the idle connections. A running call ends with its context.
func (c *Client) Close() { c.call.Close() }

// A Session is a server's answer to [Client.Hello].
type Session struct {
	// LogID identifies the log. A server that crashed begins a new log.
	LogID string
	// Next is the number of the frame after the last committed one: 0 for an empty database. A
	// replica that has copied more of the same log has another history.
	Next uint64

	token *call.Secret
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
	a, err := c.post(ctx, "Hello", nil, uintMessage(version))
	if err != nil {
		return nil, err
	}
	defer a.reply.Close()
	var s Session
	message, err := a.next()
	if err == nil {
		if err := s.decode(message); err != nil {
			return nil, call.Malformed(err.Error())
		}
		_, err = a.next()
	}
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case err == nil || s.LogID == "":
		return nil, call.Malformed("the answer to Hello doesn't have one message")
	}
	a.finish()
	return &s, nil
}
