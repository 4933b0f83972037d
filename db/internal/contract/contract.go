// Package contract is the layer between database/sql and an engine's own driver: what
// is to be the same on every engine is written here, once.
//
// Today that is the identity of errors, a ping that really asks, and the end of a
// transaction: nothing of one that an error rolled back is ever run outside it.
package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// An Engine is what the contract has to know of a driver.
type Engine struct {
	// Translate gives an error of the driver the form that it has on every engine.
	Translate func(error) error
	// Broken reports whether a connection that had the error is of no more use. A nil
	// Broken is never.
	Broken func(error) bool
}

// Wrap returns a connector whose connections keep the contract. Every error passes
// through the engine's Translate, except those that are signals to database/sql.
func Wrap(inner driver.Connector, engine Engine) driver.Connector {
	return &connector{inner, engine}
}

// err translates any error, or none, of a call that had ctx. A call that its context
// ended has the context's own error; a wait that the driver ended has not.
func (e Engine) err(ctx context.Context, err error) error {
	switch {
	case err == nil || err == io.EOF || err == driver.ErrSkip:
		return err
	case errors.Is(err, driver.ErrBadConn):
		return driver.ErrBadConn
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	default:
		return e.Translate(err)
	}
}

type connector struct {
	inner driver.Connector
	Engine
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, c.err(ctx, err)
	}
	return &conn{inner: inner, Engine: c.Engine}, nil
}

func (c *connector) Driver() driver.Driver {
	return c.inner.Driver()
}

// Close lets go of what the engine holds besides its connections. The pool calls it.
func (c *connector) Close() error {
	if closer, ok := c.inner.(io.Closer); ok {
		return c.err(context.Background(), closer.Close())
	}
	return nil
}
