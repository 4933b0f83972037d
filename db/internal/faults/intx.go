package faults

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/db"
)

func inTx(_ context.Context, c *client, op int64) error {
	ctx, cancel := c.statement()
	defer cancel()
	return db.InTx(ctx, c.pool, func(tx *sql.Tx) error {
		_, err := insertTwo(ctx, tx, op)
		return err
	}, c.again())
}

func insertTwo(ctx context.Context, tx *sql.Tx, op int64) (int64, error) {
	for part := range 2 {
		if _, err := tx.ExecContext(ctx, insertRow, op, part); err != nil {
			return 0, err
		}
	}
	return op * 10, nil
}

func readModifyWrite(_ context.Context, c *client, op int64) error {
	ctx, cancel := c.statement()
	defer cancel()
	return db.InTx(ctx, c.pool, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT n FROM fault_counters WHERE op = ?", op).Scan(&n); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE fault_counters SET n = ? WHERE op = ?", n+1, op)
		return err
	}, c.again())
}

// inTxOnce calls InTxOnce once with two attempts, so that it may end without knowing the
// outcome of the first.
func inTxOnce(_ context.Context, c *client, op int64) error {
	ctx, cancel := c.statement()
	defer cancel()
	_, err := c.once(ctx, op, db.WithMaxAttempts(2))
	return err
}

// inTxOnceRepeated calls again after any error, as a program must that needs the work to be
// done. A final call must return the result of the first.
func inTxOnceRepeated(ctx context.Context, c *client, op int64) error {
	short, cancel := c.statement()
	defer cancel()
	if _, err := c.once(short, op); err != nil {
		c.release()
		if _, err = c.once(ctx, op); err != nil {
			return err
		}
	}
	_, err := c.once(ctx, op)
	return err
}

func (c *client) once(ctx context.Context, op int64, opts ...db.TxOption) (int64, error) {
	result, err := db.InTxOnce(ctx, c.pool, "op "+number(op), func(tx *sql.Tx) (int64, error) {
		return insertTwo(ctx, tx, op)
	}, append(opts, c.again())...)
	if err == nil && result != op*10 {
		c.violated(fmt.Sprintf("InTxOnce returned %d, want %d", result, op*10))
	}
	return result, err
}
