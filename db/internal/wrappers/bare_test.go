package wrappers_test

import (
	"context"
	"database/sql/driver"
)

// A bareConnector is a wrapper that somebody wrote in an hour: its connections forward what
// driver.Conn has and the calls with a context, and nothing else.
type bareConnector struct{ inner driver.Connector }

func (b bareConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := b.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return bareConn{c.(full)}, nil
}

func (b bareConnector) Driver() driver.Driver { return b.inner.Driver() }

// A resetConnector's connections forward ResetSession as well.
type resetConnector struct{ bareConnector }

func (r resetConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := r.bareConnector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return resetConn{c.(bareConn)}, nil
}

// full is what a connection of package db has that these use.
type full interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

type bareConn struct{ inner full }

func (b bareConn) Prepare(query string) (driver.Stmt, error) {
	return b.PrepareContext(context.Background(), query)
}

func (b bareConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := b.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return bareStmt{s}, nil
}

func (b bareConn) Close() error { return b.inner.Close() }

func (b bareConn) Begin() (driver.Tx, error) {
	return b.BeginTx(context.Background(), driver.TxOptions{})
}

func (b bareConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return b.inner.BeginTx(ctx, opts)
}

func (b bareConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return b.inner.ExecContext(ctx, query, args)
}

func (b bareConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return b.inner.QueryContext(ctx, query, args)
}

type resetConn struct{ bareConn }

func (r resetConn) ResetSession(ctx context.Context) error { return r.inner.ResetSession(ctx) }

// A bareStmt has no calls with a context.
type bareStmt struct{ driver.Stmt }
