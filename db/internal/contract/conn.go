package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

type conn struct {
	owner  *connector
	engine engine.Conn
	busy   sync.Mutex // held during a call
	cache  cache
	// variants has the variants of dynamic statements, by their texts. It is a cache of its own, so that
	// they don't displace other statements.
	variants cache
	plans    map[string]*decide.Plan // of dynamic statements, by their texts
	tx       txState
	current  *tx            // the transaction of database/sql, or nil
	raw      bool           // a transaction is open that a statement began
	used     bool           // the current borrower has run a statement
	fresh    bool           // the borrower's only call so far began the open transaction
	mode     engine.Mode    // of the transaction
	args     []driver.Value // of the statement that runs next
	spare    []driver.Value // memory for the next args
	seen     int            // arguments that CheckNamedValue has had since the last call
	checked  int            // seen, when the call began
	// settings are the PRAGMAs that the borrower has set, with their old values.
	settings []setting
	closed   bool // Close was called
	// settingUp: the program's set-up of the connection runs.
	settingUp   bool
	spareTraces []*trace
	meters      []*engine.Meter // the engine's
	counts      Counts          // without the engine's
	shown       Counts          // the latest result of CountsOf, under the connector's mu
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

// cleanupTimeout limits work that has no caller's context, such as the rollback of an
// abandoned transaction.
const cleanupTimeout = time.Second

// enter begins a call, which must end with busy.Unlock. It fails if the pool is closed.
func (c *conn) enter() error {
	c.busy.Lock()
	switch {
	case c.closed: // a connection retained from sql.Conn.Raw
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
	t := c.startTrace(ctx, dbtrace.Ping, "")
	err := c.ping(ctx)
	t.end(0, err)
	return err
}

func (c *conn) ping(ctx context.Context) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.busy.Unlock()
	return c.ended(ctx, c.engine.Ping(ctx))
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	t := c.startTrace(ctx, dbtrace.Prepare, query)
	made, err := c.prepare(ctx, query)
	t.end(0, err)
	return made, err
}

// prepare compiles the statement to report its errors. The prepared statement holds only the text:
// its compiled form comes from the cache, as for a text that wasn't prepared.
//
// A PRAGMA isn't compiled, since SQLite carries out some PRAGMAs when it compiles them.
func (c *conn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	if c.tx == txLost || c.tx == rawLost {
		return nil, c.translate(engine.TxLost())
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
	defer compiled.release()
	if err := compiled.stmt.Check(ctx); err != nil {
		compiled.invalid = true
		return nil, c.ended(ctx, err)
	}
	return &stmt{c, query}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 1 {
		switch arg := args[0].Value.(type) {
		case *Batch:
			t := c.startBatch(ctx, arg)
			err := c.batch(ctx, arg)
			t.end(arg.changed(), err)
			return result{}, err
		case *Ask:
			return result{}, c.ask(ctx, arg)
		}
	}
	t := c.startStatement(ctx, dbtrace.Exec, query, args)
	done, err := c.exec(ctx, t, query, args)
	t.end(done.done.RowsAffected, err)
	if err != nil {
		return nil, err
	}
	return done, nil
}

func (c *conn) exec(ctx context.Context, t *trace, query string, args []driver.NamedValue) (result, error) {
	if err := c.enter(); err != nil {
		return result{}, err
	}
	defer c.busy.Unlock()
	c.begins(1)
	compiled := c.cache.take(query)
	var statement *sqltext.Statement
	if compiled == nil {
		statements, err := parse(query)
		switch {
		case err != nil:
			return result{}, err
		case len(statements) == 0 && len(args) == 0:
			return result{}, nil
		case len(statements) > 1 && len(args) == 0:
			done, err := c.script(ctx, statements)
			return result{done}, c.ended(ctx, err)
		}
		if statement, err = only(statements); err != nil {
			return result{}, err
		}
	}
	compiled, err := c.start(ctx, t, query, compiled, statement, args)
	switch {
	case err != nil:
		return result{}, c.ended(ctx, err)
	case compiled == nil: // already answered
		return result{}, nil
	}
	defer compiled.release()
	done, err := compiled.stmt.Exec(ctx, c.args)
	clear(c.args) // release memory
	if err := c.ended(ctx, explain(compiled.variant, err)); err != nil {
		return result{}, err
	}
	return result{done}, nil
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	t := c.startStatement(ctx, dbtrace.Query, query, args)
	found, err := c.query(ctx, t, query, args)
	if r, ok := found.(*rows); ok {
		r.trace = t // which ends with the rows
	} else {
		t.end(0, err)
	}
	return found, err
}

func (c *conn) query(ctx context.Context, t *trace, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	c.begins(1)
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
	compiled, err := c.start(ctx, t, query, compiled, statement, args)
	switch {
	case err != nil:
		return nil, c.ended(ctx, err)
	case compiled == nil:
		return noRows{}, nil
	}
	inner, err := compiled.stmt.Query(ctx, c.args)
	clear(c.args)
	if err != nil {
		compiled.release()
		return nil, c.ended(ctx, explain(compiled.variant, err))
	}
	rows := newRows(ctx, c, compiled, inner)
	if lean != nil {
		lean.hasRows.Store(true)
		rows.done = ctx.Done()
	}
	return rows, c.ended(ctx, nil)
}

// ended updates the state after a call, and returns the call's error for the program.
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
	return c.own(ctx, err)
}

// own returns the error of a call, translated for the program. The error of the call's context isn't
// translated.
func (c *conn) own(ctx context.Context, err error) error {
	if bare := ctx.Err(); bare != nil && errors.Is(err, bare) && !unknown(err) {
		return bare
	}
	return c.translate(err)
}

func unknown(err error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	return ok && e.OutcomeUnknown
}

// ResetSession is called before the connection is used again. A wrapper may forward this
// method and not IsValid.
func (c *conn) ResetSession(context.Context) error {
	if !c.reset() {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid is called when the connection returns to the pool.
func (c *conn) IsValid() bool { return c.reset() }

// reset prepares the connection for the next borrower. It rolls back a transaction that was
// begun by text and not ended: the next borrower would be inside it, and its lock would block
// all other writers. It resets the settings. It reports whether the connection can be used
// again.
func (c *conn) reset() bool {
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.closed {
		return false
	}
	c.used = false
	if c.keepTextTx() {
		return true
	}
	if c.tx == rawLost {
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
	t := c.startTrace(context.Background(), dbtrace.Close, "")
	err := c.close()
	t.end(0, err)
	return err
}

func (c *conn) close() error {
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	c.loseTextTx()
	c.cache.clear()
	c.variants.clear()
	file := c.count().FileCounts // which the engine doesn't have after its Close
	err := c.engine.Close()
	last := c.count()
	last.FileCounts = file
	c.owner.forget(c, last)
	if c.owner.after != nil {
		c.owner.after()
	}
	return c.translate(err)
}
