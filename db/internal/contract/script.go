package contract

import (
	"context"
	"errors"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// The savepoint that makes a script all or nothing inside a transaction.
var (
	savepoint        = []sqltext.Statement{{Text: "SAVEPOINT duolite_script", Kind: sqltext.Savepoint}}
	releaseSavepoint = []sqltext.Statement{{Text: "RELEASE duolite_script", Kind: sqltext.Savepoint}}
	undoSavepoint    = []sqltext.Statement{{Text: "ROLLBACK TO duolite_script", Kind: sqltext.Savepoint}, releaseSavepoint[0]}
)

// script runs several statements. They are applied as a whole or not at all, unless they
// control transactions themselves or one of them can't run in a transaction. script never ends
// the caller's transaction. It leaves a transaction of its own open only if that has no writes.
func (c *conn) script(ctx context.Context, statements []sqltext.Statement) (engine.Result, error) {
	if err := ctx.Err(); err != nil {
		return engine.Result{}, err
	}
	if _, err := c.checkTextTx(sqltext.Other); err != nil {
		return engine.Result{}, err
	}
	for _, s := range statements {
		if err := c.allow(s.Kind); err != nil {
			return engine.Result{}, err
		}
	}
	if err := c.readyPragmas(ctx, statements, c.tx != txNone || c.engine.InTx()); err != nil {
		return engine.Result{}, err
	}
	if err := c.beginNow(ctx); err != nil {
		return engine.Result{}, err
	}
	switch wraps := !managesItself(statements); {
	case c.engine.InTx() && wraps && !hasSavepoints(statements):
		return c.nested(ctx, statements)
	case c.engine.InTx() || onlyReads(statements):
		return c.engine.ExecAll(ctx, statements)
	case wraps && !c.settingUp: // a set-up takes no lock by itself
		return c.atomic(ctx, statements)
	default:
		return c.inOrder(ctx, statements)
	}
}

func managesItself(statements []sqltext.Statement) bool {
	return slices.ContainsFunc(statements, func(s sqltext.Statement) bool {
		return controlsTx(s.Kind) || s.Kind == sqltext.Outside
	})
}

// hasSavepoints reports whether a script has savepoints. They may end a savepoint of the
// caller, so they can't run inside our own.
func hasSavepoints(statements []sqltext.Statement) bool {
	return slices.ContainsFunc(statements, func(s sqltext.Statement) bool { return s.Kind == sqltext.Savepoint })
}

func onlyReads(statements []sqltext.Statement) bool {
	return !slices.ContainsFunc(statements, func(s sqltext.Statement) bool { return s.Kind != sqltext.Read })
}

// nested runs the script in the open transaction, within a savepoint.
func (c *conn) nested(ctx context.Context, statements []sqltext.Statement) (engine.Result, error) {
	done, err := c.engine.ExecAll(ctx, slices.Concat(savepoint, statements, releaseSavepoint))
	if err != nil && ctx.Err() == nil && c.engine.InTx() {
		_, undone := c.engine.ExecAll(ctx, undoSavepoint)
		err = errors.Join(err, undone)
	}
	return done, err
}

// atomic runs the script as a transaction.
func (c *conn) atomic(ctx context.Context, statements []sqltext.Statement) (engine.Result, error) {
	if err := c.engine.Begin(ctx, engine.Write); err != nil {
		return engine.Result{}, err
	}
	done, err := c.engine.ExecAll(ctx, statements)
	if err == nil {
		err = c.engine.Commit(ctx)
	}
	if err != nil {
		c.rollBack()
	}
	return done, err
}

// inOrder runs a script that controls transactions itself. The script may leave a transaction
// open, as BEGIN alone does, if it hasn't written in it: the transaction may end when the
// connection returns to the pool, and the write would be lost.
func (c *conn) inOrder(ctx context.Context, statements []sqltext.Statement) (engine.Result, error) {
	done, err := c.engine.ExecAll(ctx, statements)
	switch {
	case !c.engine.InTx():
		return done, err
	case err == nil && !writesAtEnd(statements):
		return done, nil
	}
	c.rollBack()
	if err == nil {
		err = errors.New("the script ended inside a transaction of its own, which was rolled back: it lacks a COMMIT")
	}
	return done, err
}

// writesAtEnd reports whether the transaction that a script leaves open may have written.
func writesAtEnd(statements []sqltext.Statement) bool {
	open, wrote := false, false
	for _, s := range statements {
		switch s.Kind {
		case sqltext.BeginDeferred, sqltext.BeginWrite:
			open, wrote = true, false
		case sqltext.Savepoint:
			open = true
		case sqltext.Commit, sqltext.Rollback:
			open, wrote = false, false
		case sqltext.Read:
		default:
			wrote = wrote || open
		}
	}
	return wrote
}
