package db

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// An Option says how a database is opened, where the URL says which. An option that
// doesn't apply to the URL's engine is an error of [Open].
type Option func(*config) error

// WithAuthToken sends token to a libSQL server with each request. By default none is
// sent. It goes over TLS only, or to this machine itself; see [WithInsecureToken].
func WithAuthToken(token string) Option {
	return func(c *config) error {
		if token == "" {
			return errors.New("WithAuthToken: the token is empty; leave the option out for a server without authentication")
		}
		return c.setToken("WithAuthToken", constantToken(token))
	}
}

// WithAuthTokenFunc asks fn for the token before the first request, and again when the
// server refuses the one it gave, so that a token can be renewed while the program
// runs. An empty token is none. An error of fn is the error of the call that needed
// the token. (With [WithLibSQLClientGo] it is asked at each connection, and only then.)
func WithAuthTokenFunc(fn func(context.Context) (string, error)) Option {
	return func(c *config) error {
		if fn == nil {
			return errors.New("WithAuthTokenFunc: the function is nil")
		}
		return c.setToken("WithAuthTokenFunc", fn)
	}
}

// WithInsecureToken lets a token go over plain HTTP to another machine, where
// everybody on the way can read it. By default that is refused. It is for networks
// that are encrypted underneath.
func WithInsecureToken() Option {
	return func(c *config) error {
		if c.engine != LibSQL {
			return errNotFor("WithInsecureToken", c.engine)
		}
		c.libsql.InsecureToken = true
		return nil
	}
}

// WithBusyTimeout sets how long a statement waits for another connection's write to
// end before it fails with [ErrBusy]. The default is 5 s; 0 is not to wait; the longest
// is 24 h. On a libSQL server it is how long to ask again when the server's own wait is
// over, or when it has too much to do ([ErrUnavailable]).
func WithBusyTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 || d > 24*time.Hour {
			return fmt.Errorf("WithBusyTimeout: %v is not between 0 and 24h", d)
		}
		if c.engine == SQLite {
			c.sqlite.BusyTimeout = d
		} else {
			c.libsql.BusyTimeout = d
		}
		return nil
	}
}

// WithWALOnNetwork opens a file on a network file system. By default that is refused: its
// write-ahead log needs memory that all connections share, which only processes
// on one machine have; two machines would destroy the database. It is for a file
// that only one machine uses. https://sqlite.org/wal.html
func WithWALOnNetwork() Option {
	return func(c *config) error {
		if c.engine != SQLite {
			return errNotFor("WithWALOnNetwork", c.engine)
		}
		c.sqlite.AllowNetworkFS = true
		return nil
	}
}

// WithFullSync makes each commit to a file wait until the disk has it (PRAGMA synchronous =
// FULL). By default it doesn't (NORMAL), so that a power cut, though no end of the program,
// can undo the latest commits. A commit takes several times as long so; docs/performance.md
// has the figures. https://sqlite.org/pragma.html#pragma_synchronous
func WithFullSync() Option {
	return func(c *config) error {
		if c.engine != SQLite {
			return errNotFor("WithFullSync", c.engine)
		}
		c.sqlite.FullSync = true
		return nil
	}
}

// WithDoubleQuotedStrings makes a string of a name in double quotes that names no column, as
// SQLite does by default and libSQL servers don't. By default such a name is an error: a
// misspelt "nmae" would be compared as a text. The option is for an existing file whose views
// or triggers have strings in double quotes; the error names them.
// https://sqlite.org/quirks.html#dblquote
func WithDoubleQuotedStrings() Option {
	return func(c *config) error {
		if c.engine != SQLite {
			return errNotFor("WithDoubleQuotedStrings", c.engine)
		}
		c.sqlite.DoubleQuotedStrings = true
		return nil
	}
}

// WithPlainSQLite opens the pool with SQLite's own page cache, and gives a read's lock back at its
// end. By default a pool has a page cache without a lock, and a connection keeps its last read lock
// for up to 20 ms: see "The process" in the package comment. A program whose pools all have this
// option leaves SQLite's configuration and other drivers as they are. Connections that read at the
// same time then wait for each other's page lookups, and small reads take longer.
func WithPlainSQLite() Option {
	return func(c *config) error {
		if c.engine != SQLite {
			return errNotFor("WithPlainSQLite", c.engine)
		}
		c.sqlite.Plain = true
		return nil
	}
}

// WithRequestTimeout bounds the wait for a server's answer where the context of the call
// has no deadline. The default is one minute; 0 is no bound. A write that it ends
// is an [ErrOutcomeUnknown].
func WithRequestTimeout(d time.Duration) Option {
	return func(c *config) error {
		if c.engine != LibSQL {
			return errNotFor("WithRequestTimeout", c.engine)
		}
		if d < 0 {
			return fmt.Errorf("WithRequestTimeout: %v is negative", d)
		}
		c.libsql.RequestTimeout = d
		return nil
	}
}

// WithTLSConfig sets how a server's certificate is checked, and the program's own is
// shown: for a server whose authority the system doesn't know. By default Go's and
// the system's apply.
func WithTLSConfig(tlsConfig *tls.Config) Option {
	return func(c *config) error {
		if c.engine != LibSQL {
			return errNotFor("WithTLSConfig", c.engine)
		}
		if tlsConfig == nil {
			return errors.New("WithTLSConfig: the configuration is nil")
		}
		c.libsql.TLS = tlsConfig.Clone()
		return nil
	}
}

// WithHTTPProxy sends requests through the proxy that fn returns, as
// [net/http.Transport.Proxy] does. By default it is [net/http.ProxyFromEnvironment].
func WithHTTPProxy(fn func(*http.Request) (*url.URL, error)) Option {
	return func(c *config) error {
		if c.engine != LibSQL {
			return errNotFor("WithHTTPProxy", c.engine)
		}
		if fn == nil {
			return errors.New("WithHTTPProxy: the function is nil; want http.ProxyURL, or func(*http.Request) (*url.URL, error) { return nil, nil } for no proxy")
		}
		c.libsql.Proxy = fn
		return nil
	}
}

// WithLibSQLClientGo reaches the server by github.com/tursodatabase/libsql-client-go instead of
// this module's own client. The program imports package db/clientgo as well, which brings the
// client along; without it the option is an error. docs/differences.md has the differences.
func WithLibSQLClientGo() Option {
	return func(c *config) error {
		if c.engine != LibSQL {
			return errNotFor("WithLibSQLClientGo", c.engine)
		}
		if engine.NewClientGo == nil {
			return errors.New(`WithLibSQLClientGo: the client isn't in the program; add import _ "github.com/duolite/duolite/db/clientgo"`)
		}
		c.clientGo = true
		return nil
	}
}

// WithMaxOpenConns limits the pool that [Open] returns to n connections, open or idle.
// The default is 16. [NewConnector] makes no pool; there it is how many connections to
// a server are kept for later.
func WithMaxOpenConns(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return fmt.Errorf("WithMaxOpenConns: %d is less than 1", n)
		}
		c.maxOpenConns = n
		return nil
	}
}

func constantToken(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

func (c *config) setToken(option string, fn func(context.Context) (string, error)) error {
	if c.engine != LibSQL {
		return errNotFor(option, c.engine)
	}
	if c.libsql.Token != nil {
		return fmt.Errorf("%s: a token is set already, by another option or as authToken in the URL; set one", option)
	}
	c.libsql.Token = fn
	return nil
}

func errNotFor(option string, engine Engine) error {
	return fmt.Errorf("%s: doesn't apply to %s", option, engine)
}
