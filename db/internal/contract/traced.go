package contract

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/db/dbtrace"
)

// Each method of this file calls the method of conn, tx or connector that it is named after, and shows the
// call to the tracers.

func (c *conn) tracePing(ctx context.Context) error {
	t := c.startTrace(ctx, dbtrace.Ping, "")
	err := c.ping(ctx)
	t.end(0, err)
	return err
}

func (c *conn) tracePrepare(ctx context.Context, query string) (driver.Stmt, error) {
	t := c.startTrace(ctx, dbtrace.Prepare, query)
	made, err := c.prepare(ctx, query)
	t.end(0, err)
	return made, err
}

// startStatement begins the trace of a Query or an Exec.
func (c *conn) startStatement(ctx context.Context, op dbtrace.Op, query string, args []driver.NamedValue) *trace {
	t := c.newTrace(op, query)
	t.call.Statements = 1
	t.showArgs(args)
	t.start(ctx)
	return t
}

func (c *conn) traceExec(ctx context.Context, query string, args []driver.NamedValue) (result, error) {
	t := c.startStatement(ctx, dbtrace.Exec, query, args)
	c.running = t
	done, err := c.exec(ctx, query, args)
	c.running = nil
	t.end(done.done.RowsAffected, err)
	return done, err
}

// traceQuery begins a trace that ends with the rows.
func (c *conn) traceQuery(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	t := c.startStatement(ctx, dbtrace.Query, query, args)
	c.running = t
	found, err := c.query(ctx, query, args)
	c.running = nil
	if r, ok := found.(*rows); ok {
		r.trace = t
	} else {
		t.end(0, err)
	}
	return found, err
}

func (c *conn) traceBatch(ctx context.Context, b *Batch) error {
	t := c.newTrace(dbtrace.Batch, "")
	t.call.Name, t.call.Statements = b.names(), len(b.Calls)
	t.start(ctx)
	err := c.batch(ctx, b)
	t.end(b.changed(), err)
	return err
}

func (c *conn) traceClose() error {
	t := c.startTrace(context.Background(), dbtrace.Close, "")
	err := c.close()
	t.end(0, err)
	return err
}

func (c *connector) traceConnect(ctx context.Context) (made driver.Conn, err error) {
	t := &trace{owner: c}
	t.call.Op = dbtrace.Connect
	t.start(ctx)
	err = errSetUpPanicked // unless connect returns
	defer func() {
		if conn, ok := made.(*conn); ok {
			t.count(conn, 1)
		}
		t.end(0, err)
	}()
	return c.connect(ctx)
}

var errSetUpPanicked = errors.New("the program's set-up of the connection didn't return")

// traceBegin begins the trace of a transaction.
func (c *conn) traceBegin(ctx context.Context) {
	c.current.trace = c.startTrace(ctx, dbtrace.Transaction, "")
}

func (t *tx) traceCommit() error {
	call := t.conn.startTrace(t.ctx, dbtrace.Commit, "")
	err := t.commit()
	call.end(0, err)
	t.endTrace(err == nil, err)
	return err
}

func (t *tx) traceRollback() error {
	call := t.conn.startTrace(t.ctx, dbtrace.Rollback, "")
	err := t.rollback()
	call.end(0, err)
	t.endTrace(false, err)
	return err
}

// endTrace ends the trace of the transaction, if there is one.
func (t *tx) endTrace(committed bool, err error) {
	if t.trace != nil {
		t.trace.call.Committed = committed
		t.trace.end(0, err)
		t.trace = nil
	}
}
