package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

type conn struct {
	owner   *connector
	engine  engine.Conn
	busy    sync.Mutex // held during a call
	cache   cache
	tx      txState
	current *tx            // that of database/sql, or nil
	raw     bool           // a transaction is open that a statement began
	used    bool           // it has run something for its borrower
	fresh   bool           // the borrower's only call began it
	mode    engine.Mode    // of the transaction
	args    []driver.Value // of the statement that is about to run
	seen    int            // arguments that CheckNamedValue has had since the last call
	checked int            // seen, when the call began
	// settings are the PRAGMAs that the borrower has set.
	settings []setting
	gone     bool // Close was called
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
	switch {
	case c.gone: // kept from a sql.Conn.Raw
		c.busy.Unlock()
		return driver.ErrBadConn
	case c.owner.closed.Load():
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

// PrepareContext compiles the statement, so that its errors show here. It returns the text:
// the compiled form is found again in the cache, as for a text that was never prepared.
//
// A PRAGMA isn't compiled, since SQLite carries some out while it compiles them.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	if c.tx == txOver || c.tx == rawOver {
		return nil, c.translate(engine.TxOver())
	}
	compiled := c.cache.take(query)
	if compiled == nil {
		statement, err := parseOne(query)
		switch {
		case err != nil:
			return nil, err
		case statement == nil || isPragma(statement.Kind):
			return &stmt{c, query}, nil
		}
		if compiled, err = c.compile(ctx, query, statement); err != nil {
			return nil, c.ended(ctx, err)
		}
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
	c.begins()
	if len(args) == 1 {
		if b, ok := args[0].Value.(*Batch); ok {
			return result{}, c.batch(ctx, b)
		}
	}
	compiled := c.cache.take(query)
	var statement *sqltext.Statement
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
		if statement, err = only(statements); err != nil {
			return nil, err
		}
	}
	compiled, err := c.start(ctx, query, compiled, statement, args)
	switch {
	case err != nil:
		return nil, c.ended(ctx, err)
	case compiled == nil: // it is answered
		return result{}, nil
	}
	defer c.cache.giveBack(compiled)
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
	c.begins()
	lean, _ := ctx.(*leanContext)
	if lean != nil {
		ctx = lean.Context
	}
	compiled := c.cache.take(query)
	var statement *sqltext.Statement
	if compiled == nil {
		var err error
		statement, err = parseOne(query)
		switch {
		case err != nil:
			return nil, err
		case statement == nil && len(args) == 0:
			return noRows{}, nil
		case statement == nil:
			return nil, checkUsed(nil, args, 0)
		}
	}
	compiled, err := c.start(ctx, query, compiled, statement, args)
	switch {
	case err != nil:
		return nil, c.ended(ctx, err)
	case compiled == nil:
		return noRows{}, nil
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

// begins takes note of a borrower's call.
func (c *conn) begins() {
	c.fresh, c.used = !c.used, true
	c.checked, c.seen = c.seen, 0
}

// start makes a statement ready to run: ready if it is compiled already, or else the text.
// It returns nil if it has answered the statement itself.
func (c *conn) start(ctx context.Context, text string, ready *compiled, statement *sqltext.Statement, args []driver.NamedValue) (*compiled, error) {
	if ready != nil {
		statement = ready.statement
	}
	answered, err := c.startOf(ctx, statement, args)
	if err == nil && !answered && ready == nil {
		ready, err = c.compile(ctx, text, statement)
	}
	if err == nil && !answered {
		return ready, nil
	}
	clear(c.args)
	if ready != nil {
		c.cache.giveBack(ready)
	}
	return nil, err
}

// startOf does the part of start that comes before the statement is compiled: its arguments,
// and a transaction that was asked for and hasn't begun. SQLite carries out some PRAGMAs while
// it compiles them, so the transaction comes first.
func (c *conn) startOf(ctx context.Context, statement *sqltext.Statement, args []driver.NamedValue) (answered bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if answered, err := c.answer(statement.Kind); answered {
		return true, err
	}
	if err := c.allow(statement.Kind); err != nil {
		return false, err
	}
	if isPragma(statement.Kind) {
		if err := c.readyPragma(ctx, statement, c.tx != txNone || c.engine.InTx()); err != nil {
			return false, err
		}
	}
	if c.args, err = bind(c.args[:0], statement.Params, args); err != nil {
		return false, err
	}
	if c.checked != len(args) {
		if err := checkBound(c.args); err != nil {
			return false, err
		}
	}
	return false, c.beginNow(ctx)
}

// answer answers a statement without running it, if the transaction that it is meant for is
// over or lost.
func (c *conn) answer(kind sqltext.Kind) (answered bool, err error) {
	if ended, err := c.endRaw(kind); ended {
		return true, err
	}
	return c.checkTextTx(kind)
}

// ended takes note of how a call ended, and returns its error in the form that every
// engine's have. The error of the call's context stays as it is.
func (c *conn) ended(ctx context.Context, err error) error {
	if err == nil {
		raw := c.tx == txNone && c.engine.InTx()
		c.fresh = c.fresh && raw
		c.raw = raw
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

// ResetSession is called before the connection serves again. A wrapper may forward it, and
// not IsValid.
func (c *conn) ResetSession(context.Context) error {
	if !c.tidy() {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid is called when the connection goes back to the pool.
func (c *conn) IsValid() bool { return c.tidy() }

// tidy makes the connection ready for its next borrower. A transaction that was begun by
// text, and not ended, ends here: the next borrower would be in it, and its lock would keep
// all others out. Settings get their values back. It reports false if the connection can't
// serve again.
func (c *conn) tidy() bool {
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.gone {
		return false
	}
	c.used = false
	if c.keepTextTx() {
		return true
	}
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
	return !c.engine.InTx() && c.restoreSettings() && c.engine.Valid()
}

func (c *conn) Close() error {
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.gone {
		return nil
	}
	c.gone = true
	c.owner.forget(c)
	c.loseTextTx()
	c.cache.clear()
	err := c.engine.Close()
	if c.owner.after != nil {
		c.owner.after()
	}
	return c.translate(err)
}
