// Package contract is the layer between database/sql and an engine's own driver: what
// is to be the same on every engine is written here, once.
//
// Today that is the identity of errors and a ping that really asks.
package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// Translate gives an error of an engine the form that it has on every engine.
type Translate func(error) error

// Wrap returns a connector whose connections pass every error through translate,
// except those that are signals to database/sql.
func Wrap(inner driver.Connector, translate Translate) driver.Connector {
	return &connector{inner, errorTranslator(translate)}
}

// errorTranslator is a Translate that is safe to call with any error.
type errorTranslator Translate

func (t errorTranslator) err(err error) error {
	if err == nil || err == io.EOF || err == driver.ErrSkip || errors.Is(err, driver.ErrBadConn) {
		return err
	}
	return t(err)
}

type connector struct {
	inner driver.Connector
	errorTranslator
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, c.err(err)
	}
	return &conn{inner, c.errorTranslator}, nil
}

func (c *connector) Driver() driver.Driver {
	return c.inner.Driver()
}

// Close lets go of what the engine holds besides its connections. The pool calls it.
func (c *connector) Close() error {
	if closer, ok := c.inner.(io.Closer); ok {
		return c.err(closer.Close())
	}
	return nil
}
