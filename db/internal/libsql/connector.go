// Package libsql is the engine for libSQL servers: sqld and Turso, over HTTP.
package libsql

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"unicode"

	"github.com/tursodatabase/libsql-client-go/libsql"
)

// Config names a server.
type Config struct {
	// URL is the server's address, http:// or https://, without parameters.
	URL string
	// Token is asked for the token at each connection; nil or "" is none.
	Token func(context.Context) (string, error)
}

// NewConnector returns a connector to the server.
func NewConnector(cfg Config) driver.Connector {
	return connector{cfg}
}

// A TokenError says why there is no token.
type TokenError struct {
	Err error
}

func (e *TokenError) Error() string {
	return "get the token: " + e.Err.Error()
}

func (e *TokenError) Unwrap() error {
	return e.Err
}

type connector struct {
	cfg Config
}

// Connect implements [driver.Connector]. It sends nothing: the client opens a stream
// with its first statement.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	var opts []libsql.Option
	if c.cfg.Token != nil {
		token, err := c.cfg.Token(ctx)
		if err == nil && strings.ContainsFunc(token, unicode.IsControl) {
			err = errors.New("it has a control character in it, such as a line end")
		}
		if err != nil {
			return nil, &TokenError{err}
		}
		if token != "" {
			opts = append(opts, libsql.WithAuthToken(token))
		}
	}
	inner, err := libsql.NewConnector(c.cfg.URL, opts...)
	if err != nil {
		return nil, err
	}
	return inner.Connect(ctx)
}

// Driver implements [driver.Connector].
func (c connector) Driver() driver.Driver {
	return libsql.Driver{}
}
