package transport

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"time"
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
	// MaxConns is the number of idle TCP connections to keep; 0 is 16.
	MaxConns int
}
