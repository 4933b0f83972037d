package db

import (
	"context"
	"errors"
	"fmt"
	"time"
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

// WithAuthTokenFunc asks fn for the token each time a connection is opened, so that a
// token can be renewed while the program runs. An empty token is none. An error of
// fn is the error of the call that needed the connection.
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
		c.insecureToken = true
		return nil
	}
}

// WithBusyTimeout sets how long a statement waits for another connection's write to
// end before it fails with [ErrBusy]. The default is 5 s; 0 is not to wait. It
// applies to SQLite; a libSQL server has its own.
func WithBusyTimeout(d time.Duration) Option {
	return func(c *config) error {
		if c.engine != SQLite {
			return errNotFor("WithBusyTimeout", c.engine)
		}
		if d < 0 || d > 24*time.Hour {
			return fmt.Errorf("WithBusyTimeout: %v is not between 0 and 24h", d)
		}
		c.sqlite.BusyTimeout = d
		return nil
	}
}

// WithMaxOpenConns limits the pool that [Open] returns to n connections, open or idle.
// The default is 16. It has no effect on [NewConnector], which makes no pool.
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
