package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

type conn struct {
	owner   *connector
	engine  engine.Conn
	busy    sync.Mutex // held during a call
	cache   cache
	tx      txState
	current *tx            // that of database/sql, or nil
	raw     bool           // a transaction is open that a statement began
	mode    engine.Mode    // of the transaction
	args    []driver.Value // of the statement that is about to run
}

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
)

// tidyTimeout bounds what is done without a caller's context: the end of a transaction
// that nobody waits for.
const tidyTimeout = time.Second

// enter begins a call, which ends with busy.Unlock. After the pool is closed there are
// none but those that end something.
func (c *conn) enter() error {
	c.busy.Lock()
	if c.owner.closed.Load() {
		c.busy.Unlock()
		return c.translate(engine.ErrClosed)
	}
	return nil
}

func (c *conn) translate(err error) error { return c.owner.translate(err) }

func (c *conn) Ping(ctx context.Context) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.busy.Unlock()
	return c.ended(ctx, c.engine.Ping(ctx))
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext compiles the statement, so that its errors show here. What is returned
// is the text: the compiled form is found again in the cache, as it is for a text that
// was never prepared.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	if c.tx == txOver || c.tx == rawOver {
		return nil, c.translate(engine.TxOver())
	}
	compiled, err := c.one(ctx, query)
	if err != nil {
		return nil, c.ended(ctx, err)
	}
	defer c.cache.giveBack(compiled)
	if err := compiled.stmt.Check(ctx); err != nil {
		compiled.spoilt = true
		return nil, c.ended(ctx, err)
	}
	return &stmt{c, query}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	if len(args) == 1 {
		if b, ok := args[0].Value.(*Batch); ok {
			return result{}, c.batch(ctx, b)
		}
	}
	compiled := c.cache.take(query)
	if compiled == nil {
		statements, err := parse(query)
		switch {
		case err != nil:
			return nil, err
		case len(statements) == 0 && len(args) == 0:
			return result{}, nil
		case len(statements) > 1 && len(args) == 0:
			done, err := c.script(ctx, statements)
			return result{done}, c.ended(ctx, err)
		}
		if compiled, err = c.compile(ctx, query, statements); err != nil {
			return nil, c.ended(ctx, err)
		}
	}
	defer c.cache.giveBack(compiled)
	if ended, err := c.endRaw(compiled.statement.Kind); ended {
		return result{}, c.translate(err)
	}
	if err := c.start(ctx, compiled, args); err != nil {
		return nil, c.ended(ctx, err)
	}
	done, err := compiled.stmt.Exec(ctx, c.args)
	clear(c.args) // which may be large
	if err := c.ended(ctx, err); err != nil {
		return nil, err
	}
	return result{done}, nil
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	lean, _ := ctx.(*leanContext)
	if lean != nil {
		ctx = lean.Context
	}
	compiled, err := c.one(ctx, query)
	if err != nil {
		return nil, c.ended(ctx, err)
	}
	if err := c.start(ctx, compiled, args); err != nil {
		c.cache.giveBack(compiled)
		return nil, c.ended(ctx, err)
	}
	inner, err := compiled.stmt.Query(ctx, c.args)
	clear(c.args)
	if err != nil {
		c.cache.giveBack(compiled)
		return nil, c.ended(ctx, err)
	}
	rows := newRows(ctx, c, compiled, inner)
	if lean != nil {
		lean.hasRows.Store(true)
		rows.done = ctx.Done()
	}
	return rows, c.ended(ctx, nil)
}

// start makes all ready for the statement: its arguments, and a transaction that was
// asked for and hasn't begun.
func (c *conn) start(ctx context.Context, compiled *compiled, args []driver.NamedValue) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.allow(compiled.statement.Kind); err != nil {
		return err
	}
	var err error
	if c.args, err = bind(c.args[:0], compiled.statement.Params, args); err == nil {
		err = c.beginNow(ctx)
	}
	if err != nil {
		clear(c.args)
	}
	return err
}

// ended takes note of how a call ended, and returns its error in the form that every
// engine's have. The error of the call's context stays as it is.
func (c *conn) ended(ctx context.Context, err error) error {
	if err == nil {
		c.raw = c.tx == txNone && c.engine.InTx()
		return nil
	}
	if lost := ctx.Err() != nil || !c.engine.InTx() || !c.engine.Valid(); lost && (c.tx == txOpen || c.raw) {
		c.abandonTx()
	}
	if bare := ctx.Err(); bare != nil && errors.Is(err, bare) && !unknown(err) {
		return bare
	}
	return c.translate(err)
}

func unknown(err error) bool {
	var e *engine.Error
	return errors.As(err, &e) && e.OutcomeUnknown
}

// ResetSession is called before the connection serves again.
func (c *conn) ResetSession(context.Context) error {
	if !c.engine.Valid() {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid is called when the connection goes back to the pool. A transaction that was
// begun by text, and not ended, ends here: the next borrower would be in it, and its
// lock would keep all others out.
func (c *conn) IsValid() bool {
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.tx == rawOver {
		c.tx = txNone
	}
	c.raw = false
	if !c.engine.Valid() {
		return false
	}
	if c.engine.InTx() {
		c.rollBack()
	}
	return !c.engine.InTx() && c.engine.Valid()
}

func (c *conn) Close() error {
	c.busy.Lock()
	defer c.busy.Unlock()
	c.owner.forget(c)
	c.cache.clear()
	return c.translate(c.engine.Close())
}
