package contract

import (
	"context"
	"database/sql/driver"
	"io"
)

// engineConn is what a driver's connection must be able to do to serve as an engine.
type engineConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnBeginTx
	driver.SessionResetter
}

type conn struct {
	inner driver.Conn
	Engine
	tx     txState
	broken bool // nothing is sent any more
}

var (
	_ engineConn               = (*conn)(nil)
	_ driver.Pinger            = (*conn)(nil)
	_ driver.Validator         = (*conn)(nil)
	_ driver.NamedValueChecker = (*conn)(nil)
)

func (c *conn) engine() engineConn {
	return c.inner.(engineConn)
}

// before returns why no statement can be run now, or nil.
func (c *conn) before() error {
	switch {
	case c.tx == txLost:
		return errTxLost
	case c.broken:
		return driver.ErrBadConn
	default:
		return nil
	}
}

// after takes note of how a statement ended, and returns its error in our form.
func (c *conn) after(ctx context.Context, err error) error {
	if err == nil || err == io.EOF || err == driver.ErrSkip {
		return err
	}
	if c.Broken != nil && c.Broken(err) {
		c.broken = true
	}
	if c.tx == txOpen && (c.broken || !c.stillInTx()) {
		c.tx = txLost
	}
	return c.err(ctx, err)
}

// Ping asks the database something. libsql-client-go's own sends nothing.
func (c *conn) Ping(ctx context.Context) error {
	rows, err := c.QueryContext(ctx, "SELECT 1", nil)
	if err != nil {
		return err
	}
	return rows.Close()
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.before(); err != nil {
		return nil, err
	}
	inner, err := c.engine().PrepareContext(ctx, query)
	if err != nil {
		return nil, c.after(ctx, err)
	}
	return &stmt{inner, c}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.before(); err != nil {
		return nil, err
	}
	result, err := c.engine().ExecContext(ctx, query, args)
	return result, c.after(ctx, err)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.before(); err != nil {
		return nil, err
	}
	inner, err := c.engine().QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.after(ctx, err)
	}
	return &rows{inner, c, ctx}, nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	return c.err(ctx, c.engine().ResetSession(ctx))
}

func (c *conn) IsValid() bool {
	validator, ok := c.inner.(driver.Validator)
	return !c.broken && (!ok || validator.IsValid())
}

func (c *conn) CheckNamedValue(value *driver.NamedValue) error {
	if checker, ok := c.inner.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(value)
	}
	return driver.ErrSkip
}

func (c *conn) Close() error {
	return c.err(context.Background(), c.inner.Close())
}
