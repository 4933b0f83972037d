package contract

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/internal/sqltext"
)

// begins records that the borrower makes a call, which has a number of statements or scripts.
func (c *conn) begins(statements int) {
	c.fresh, c.used = !c.used, true
	c.checked, c.seen = c.seen, 0
	c.counts.Calls += int64(statements)
}

// start prepares a statement for running. ready is its compiled form, or nil. start returns
// nil if the statement needn't run.
func (c *conn) start(ctx context.Context, t *trace, text string, ready *compiled, statement *sqltext.Statement, args []driver.NamedValue) (*compiled, error) {
	if ready != nil {
		statement = ready.statement
	}
	answered, err := c.startOf(ctx, statement, args)
	if err == nil && !answered && ready == nil {
		ready, err = c.compile(ctx, text, statement)
	}
	if err == nil && !answered {
		ready = c.decideNext(ctx, ready)
		t.mayExplain(ready.statement)
		return ready, nil
	}
	clear(c.args)
	if ready != nil {
		ready.release()
	}
	return nil, err
}

// startOf does the part of start that precedes compilation: it binds the arguments, and begins
// a requested transaction. SQLite carries out some PRAGMAs when it compiles them, so the
// transaction must begin earlier.
func (c *conn) startOf(ctx context.Context, statement *sqltext.Statement, args []driver.NamedValue) (answered bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if ended, err := c.endRaw(statement.Kind); ended {
		return true, err
	}
	if answered, err := c.checkTextTx(statement.Kind); answered {
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
