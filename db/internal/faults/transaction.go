package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/duolite/duolite/db"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

// inTransaction runs steps in a transaction of database/sql, and commits it. The statements
// have a time limit but the transaction has none, so the driver itself must notice that the
// transaction is lost.
func inTransaction(ctx context.Context, c *client, steps ...func(*sql.Tx) error) error {
	tx, err := c.begin(ctx)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(tx); err != nil {
			var early *earlyError
			if errors.As(err, &early) {
				return errors.Join(err, tx.Rollback())
			}
			c.afterLoss(ctx, tx, err)
			return err
		}
	}
	return tx.Commit()
}

// An earlyError occurs before the first statement of a transaction, which therefore can't be
// lost.
type earlyError struct {
	error
}

func (e *earlyError) Unwrap() error { return e.error }

func (c *client) begin(ctx context.Context) (*sql.Tx, error) {
	return c.pool.BeginTx(ctx, nil)
}

// afterLoss continues a transaction after a statement failed by a fault, like a program that
// ignores errors. None of the later statements may run outside of the transaction. If a
// statement couldn't be sent because the server was down, the transaction isn't lost: it
// continues, or begins, when the server is back. For a foreign engine, only statements that
// are found in the ledger count as violations.
func (c *client) afterLoss(ctx context.Context, tx *sql.Tx, cause error) {
	c.ctx = ctx
	wasDown := func(err error) bool {
		return c.direct && errors.Is(cause, db.ErrUnavailable) &&
			(err == nil || errors.Is(err, db.ErrUnavailable) && !errors.Is(err, db.ErrOutcomeUnknown))
	}
	refused := func(what string, err error) {
		if !c.engine.Foreign && !errors.Is(err, db.ErrTxLost) && !errors.Is(err, sql.ErrTxDone) && !wasDown(err) {
			c.violated(fmt.Sprintf("%s in a transaction that is lost: error %v, want %v", what, err, db.ErrTxLost))
		}
	}
	// Operations have positive numbers; only Strays looks for -1.
	refused("Exec", c.exec(tx, insertRow, -1, 0))
	refused("Query", c.drain(tx, insertRow+" RETURNING op", -1, 0))
	refused("a script", c.exec(tx, rowsText(-1)))
	if !c.engine.Foreign {
		refused("a batch", c.batch(tx, insertCalls, -1))
	}
	if err := tx.Rollback(); err != nil && !c.engine.Foreign && !wasDown(err) {
		c.violated(fmt.Sprintf("Rollback of a transaction that is lost: %v", err))
	}
}

func (c *client) inserts(op int64, part int) func(*sql.Tx) error {
	return func(tx *sql.Tx) error { return c.exec(tx, insertRow, op, part) }
}

func commits(ctx context.Context, c *client, op int64) error {
	return inTransaction(ctx, c, c.inserts(op, 0), c.inserts(op, 1), c.inserts(op, 2))
}

func commitsReturning(ctx context.Context, c *client, op int64) error {
	return inTransaction(ctx, c,
		func(tx *sql.Tx) error { return c.drain(tx, "SELECT n FROM fault_counters WHERE op = ?", op) },
		func(tx *sql.Tx) error { return c.drain(tx, insertRow+" RETURNING part", op, 0) },
		func(tx *sql.Tx) error { return c.drain(tx, insertRow+" RETURNING part", op, 1) })
}

func commitsPrepared(ctx context.Context, c *client, op int64) error {
	return inTransaction(ctx, c, func(tx *sql.Tx) error {
		short, cancel := c.statement()
		defer cancel()
		// A new text each time, so that the server is asked each time.
		stmt, err := tx.PrepareContext(short, insertRow+" -- "+number(op))
		if err != nil {
			return &earlyError{err}
		}
		defer stmt.Close()
		for part := range 2 {
			if _, err := stmt.ExecContext(short, op, part); err != nil {
				return err
			}
		}
		return nil
	})
}

func commitsScript(ctx context.Context, c *client, op int64) error {
	return inTransaction(ctx, c, func(tx *sql.Tx) error { return c.exec(tx, rowsText(op)) })
}

// errMeant is the error of an operation that rolls back intentionally.
var errMeant = errors.New("rolled back, as it was meant to be")

func rollsBack(ctx context.Context, c *client, op int64) error {
	tx, err := c.begin(ctx)
	if err != nil {
		return err
	}
	for part := range 2 {
		if err := c.inserts(op, part)(tx); err != nil {
			c.afterLoss(ctx, tx, err)
			return err
		}
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	return errMeant
}

// connCommits begins and ends the transaction by statements.
func connCommits(ctx context.Context, c *client, op int64) error {
	conn, err := c.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := c.exec(conn, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for part := range 2 {
		if err := c.exec(conn, insertRow, op, part); err != nil {
			return err
		}
	}
	return c.exec(conn, "COMMIT")
}
