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

// An Option says how [Open] opens the database that its URL names. [Open] fails if an option
// doesn't apply to the URL's engine.
type Option func(*config) error

// WithAuthToken sends token to a libSQL server with each request. By default no token is sent.
// The token goes over TLS or to this machine only; see [WithInsecureToken].
func WithAuthToken(token string) Option {
	return func(c *config) error {
		if token == "" {
			return errors.New("WithAuthToken: the token is empty; leave the option out for a server without authentication")
		}
		return c.setToken("WithAuthToken", constantToken(token))
	}
}

// WithAuthTokenFunc calls fn for the token before the first request, and again each time the
// server refuses the current token, so that a program can renew it while it runs. If fn
// returns an empty token, no token is sent. If fn returns an error, the call that needed the
// token fails with it. With [WithLibSQLClientGo], fn is called once for each new connection
// instead.
func WithAuthTokenFunc(fn func(context.Context) (string, error)) Option {
	return func(c *config) error {
		if fn == nil {
			return errors.New("WithAuthTokenFunc: the function is nil")
		}
		return c.setToken("WithAuthTokenFunc", fn)
	}
}

// WithInsecureToken allows a token to go over plain HTTP to another machine, where everybody
// on the way can read it. By default that is refused. Use it on a network that is itself
// encrypted.
func WithInsecureToken() Option {
	return flag(LibSQL, "WithInsecureToken", func(c *config) *bool { return &c.libsql.InsecureToken })
}

// WithBusyTimeout sets how long a statement waits for another connection's write before it
// fails with [ErrBusy]. The default is 5 s, 0 means not to wait, and the maximum is 24 h. On a
// libSQL server it sets how long the client repeats a statement after the server's own wait is
// over, or while the server is overloaded ([ErrUnavailable]).
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

// WithWALOnNetwork allows a file on a network file system. By default that is refused: all
// users of a write-ahead log share memory, so they must run on one machine. Two machines would
// destroy the database. Use it for a file that only one machine opens.
// https://sqlite.org/wal.html
func WithWALOnNetwork() Option {
	return flag(SQLite, "WithWALOnNetwork", func(c *config) *bool { return &c.sqlite.AllowNetworkFS })
}

// WithFullSync makes each commit to a file wait until the disk has stored it (PRAGMA
// synchronous = FULL). The default is NORMAL: a power failure can undo the latest commits, a
// crash of the program can't. With FULL a commit takes several times as long; see
// docs/performance.md. https://sqlite.org/pragma.html#pragma_synchronous
func WithFullSync() Option {
	return flag(SQLite, "WithFullSync", func(c *config) *bool { return &c.sqlite.FullSync })
}

// WithCacheSize sets how much memory, in bytes, the page caches of the pool's connections may take
// together, besides the 2 MB that SQLite allows each connection (PRAGMA cache_size). The default is
// 64 MiB, 0 means none. A page is a part of the file; while the pages that a program needs are in
// the cache, it makes no system calls to read. The connections take from the memory as they read and write,
// the first come first. A replica's copy has such a cache too, a database in memory needs none.
func WithCacheSize(bytes int64) Option {
	return func(c *config) error {
		switch {
		case bytes < 0:
			return fmt.Errorf("WithCacheSize: %d bytes is negative", bytes)
		case c.engine == SQLite:
			c.sqlite.SharedCache = bytes
		case c.replica != nil:
			c.replica.Local.SharedCache = bytes
		default:
			return errNotFor("WithCacheSize", c.engine)
		}
		return nil
	}
}

// WithDoubleQuotedStrings reads a name in double quotes as a string if no column has that
// name, as SQLite does by default and libSQL servers don't. Without the option such a name is
// an error: otherwise a misspelt "nmae" would be compared as text. Use it for an existing file
// whose views or triggers have strings in double quotes; the error names them.
// https://sqlite.org/quirks.html#dblquote
func WithDoubleQuotedStrings() Option {
	return flag(SQLite, "WithDoubleQuotedStrings", func(c *config) *bool { return &c.sqlite.DoubleQuotedStrings })
}

// WithPlainSQLite opens the pool with SQLite's own page cache, and gives a read's lock back at its
// end. By default a pool has a page cache without a lock, and a connection keeps its last read lock
// for up to 20 ms: see "The process" in the package comment. A program whose pools all have this
// option leaves SQLite's configuration and other drivers as they are. Connections that read at the
// same time then wait for each other's page lookups, and small reads take longer.
func WithPlainSQLite() Option {
	return flag(SQLite, "WithPlainSQLite", func(c *config) *bool { return &c.sqlite.Plain })
}

// WithRequestTimeout limits the wait for a server's reply if the call's context has no
// deadline. The default is one minute; 0 means no limit. A write that times out is an
// [ErrOutcomeUnknown].
func WithRequestTimeout(d time.Duration) Option {
	return only(LibSQL, "WithRequestTimeout", func(c *config) error {
		if d < 0 {
			return fmt.Errorf("WithRequestTimeout: %v is negative", d)
		}
		c.libsql.RequestTimeout = d
		return nil
	})
}

// WithTLSConfig sets the TLS configuration, for example for a server whose certificate
// authority the system doesn't know, or for a client certificate. By default Go's and the
// system's settings apply.
func WithTLSConfig(tlsConfig *tls.Config) Option {
	return only(LibSQL, "WithTLSConfig", func(c *config) error {
		if tlsConfig == nil {
			return errors.New("WithTLSConfig: the configuration is nil")
		}
		c.libsql.TLS = tlsConfig.Clone()
		return nil
	})
}

// WithHTTPProxy sends requests through the proxy that fn returns, as
// [net/http.Transport.Proxy] does. The default is [net/http.ProxyFromEnvironment].
func WithHTTPProxy(fn func(*http.Request) (*url.URL, error)) Option {
	return only(LibSQL, "WithHTTPProxy", func(c *config) error {
		if fn == nil {
			return errors.New("WithHTTPProxy: the function is nil; want http.ProxyURL, or func(*http.Request) (*url.URL, error) { return nil, nil } for no proxy")
		}
		c.libsql.Proxy = fn
		return nil
	})
}

// WithLibSQLClientGo uses github.com/tursodatabase/libsql-client-go instead of this module's
// own client. The program must also import package db/clientgo, which contains that client;
// otherwise the option is an error. docs/differences.md lists the differences.
func WithLibSQLClientGo() Option {
	return only(LibSQL, "WithLibSQLClientGo", func(c *config) error {
		if engine.NewClientGo == nil {
			return errors.New(`WithLibSQLClientGo: the client isn't in the program; add import _ "github.com/duolite/duolite/db/clientgo"`)
		}
		c.clientGo = true
		return nil
	})
}

// WithMaxOpenConns limits the pool that [Open] returns to n connections, open or idle. The
// default is 16. In a pool on a file or in memory, up to 112 connections that wait for their turn
// to write don't count for the default, so that writers leave connections to readers. They count for a
// limit by this option, or for another limit by SetMaxOpenConns. [NewConnector] makes no pool; for
// it, n is the number of idle network connections that are kept to a server.
func WithMaxOpenConns(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return fmt.Errorf("WithMaxOpenConns: %d is less than 1", n)
		}
		c.maxOpenConns, c.maxOpenSet = n, true
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

// only returns an option for the URLs of one engine.
func only(engine Engine, option string, set func(*config) error) Option {
	return func(c *config) error {
		if c.engine != engine {
			return errNotFor(option, c.engine)
		}
		return set(c)
	}
}

// flag is [only] for an option without a value.
func flag(engine Engine, option string, of func(*config) *bool) Option {
	return only(engine, option, func(c *config) error {
		*of(c) = true
		return nil
	})
}

func errNotFor(option string, engine Engine) error {
	return fmt.Errorf("%s: doesn't apply to %s", option, engine)
}

// apply applies options, which what names in an error.
func apply[C any, O ~func(*C) error](what string, cfg *C, opts []O) error {
	for i, opt := range opts {
		if opt == nil {
			return configError{fmt.Errorf("%s %d is nil", what, i+1)}
		}
		if err := opt(cfg); err != nil {
			return configError{err}
		}
	}
	return nil
}
