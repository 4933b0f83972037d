package contract

import (
	"context"
	"database/sql/driver"
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
	errorTranslator
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

// Ping asks the database something. libsql-client-go's own sends nothing.
func (c *conn) Ping(ctx context.Context) error {
	rows, err := c.engine().QueryContext(ctx, "SELECT 1", nil)
	if err != nil {
		return c.err(err)
	}
	return c.err(rows.Close())
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	inner, err := c.engine().PrepareContext(ctx, query)
	if err != nil {
		return nil, c.err(err)
	}
	return &stmt{inner, c.errorTranslator}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.engine().ExecContext(ctx, query, args)
	return result, c.err(err)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	inner, err := c.engine().QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.err(err)
	}
	return &rows{inner, c.errorTranslator}, nil
}

func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	inner, err := c.engine().BeginTx(ctx, opts)
	if err != nil {
		return nil, c.err(err)
	}
	return &tx{inner, c.errorTranslator}, nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	return c.err(c.engine().ResetSession(ctx))
}

func (c *conn) IsValid() bool {
	validator, ok := c.inner.(driver.Validator)
	return !ok || validator.IsValid()
}

func (c *conn) CheckNamedValue(value *driver.NamedValue) error {
	if checker, ok := c.inner.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(value)
	}
	return driver.ErrSkip
}

func (c *conn) Close() error {
	return c.err(c.inner.Close())
}

type tx struct {
	inner driver.Tx
	errorTranslator
}

func (t *tx) Commit() error   { return t.err(t.inner.Commit()) }
func (t *tx) Rollback() error { return t.err(t.inner.Rollback()) }
