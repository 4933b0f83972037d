package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db"
)

// batchWorkloads are the workloads with batches.
func batchWorkloads() []workload {
	return []workload{
		{name: "Batch", parts: 3, requests: 1, transaction: true, ours: true, run: batchOf(insertCalls)},
		{name: "Batch in several requests", parts: 3, requests: 3, transaction: true, ours: true, run: batchOf(insertCalls, oneEach())},
		{name: "Batch, RETURNING", parts: 2, requests: 1, transaction: true, ours: true, run: batchOf(returningCalls)},
		{name: "Batch of a counter", mark: Counter, parts: 1, requests: 1, transaction: true, ours: true, run: batchOf(counterCalls)},
		{name: "Batch with a large answer", parts: 2, requests: 3, transaction: true, ours: true, run: batchOf(largeCalls)},
		{name: "Batch, read-only", parts: 0, requests: 1, transaction: true, ours: true, run: batchReads},
		{name: "Batch of independent calls", parts: 1, requests: 1, ours: true, run: independentCall(db.WithIndependentCalls())},
		{name: "Batch of independent calls in several requests", parts: 1, requests: 3, ours: true, run: independentCall(db.WithIndependentCalls(), oneEach())},
		{name: "Batch in a Tx", parts: 3, requests: 2, transaction: true, ours: true, run: batchInTx()},
		{name: "Batch in a Tx, several requests", parts: 3, requests: 5, transaction: true, ours: true, run: batchInTx(oneEach())},
	}
}

// oneEach makes a batch send a request for each statement.
func oneEach() db.BatchOption { return db.WithRequestLimits(1<<20, 1) }

// A dbtx is the interface that generated code needs of a database.
type dbtx interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

type batch = db.Batch[dbtx]

func newBatch(on db.Execer, opts ...db.BatchOption) *batch {
	return db.NewBatch(on, func(d dbtx) dbtx { return d }, opts...)
}

// A call is a queued call of a batch.
type call interface{ Err() error }

func queueExec(ctx context.Context, b *batch, text string, args ...any) call {
	return db.QueueExec(b, func(d dbtx) error { _, err := d.ExecContext(ctx, text, args...); return err })
}

func queueDrain(ctx context.Context, b *batch, text string, args ...any) call {
	return db.QueueExec(b, func(d dbtx) error {
		rows, err := d.QueryContext(ctx, text, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	})
}

func insertCalls(ctx context.Context, b *batch, op int64) (calls []call) {
	for part := range 3 {
		calls = append(calls, queueExec(ctx, b, insertRow, op, part))
	}
	return calls
}

func returningCalls(ctx context.Context, b *batch, op int64) []call {
	return []call{
		queueDrain(ctx, b, insertRow+" RETURNING part", op, 0),
		queueDrain(ctx, b, "SELECT part FROM fault_rows WHERE op = ?", op),
		queueDrain(ctx, b, insertRow+" RETURNING part", op, 1),
	}
}

func counterCalls(ctx context.Context, b *batch, op int64) []call {
	return []call{queueDrain(ctx, b, "UPDATE fault_counters SET n = n + 1 WHERE op = ? RETURNING n", op)}
}

// largeCalls have a reply of 12 MB, which exceeds the server's limit.
func largeCalls(ctx context.Context, b *batch, op int64) []call {
	return []call{
		queueExec(ctx, b, insertRow, op, 0),
		queueDrain(ctx, b, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT hex(zeroblob(500000)) FROM n"),
		queueExec(ctx, b, insertRow, op, 1),
	}
}

func readCalls(ctx context.Context, b *batch, op int64) (calls []call) {
	for range 2 {
		calls = append(calls, queueDrain(ctx, b, "SELECT n FROM fault_counters WHERE op = ?", op))
	}
	return calls
}

// batchOf returns a function that runs a batch on the pool.
func batchOf(calls func(context.Context, *batch, int64) []call, opts ...db.BatchOption) func(context.Context, *client, int64) error {
	return func(_ context.Context, c *client, op int64) error {
		return c.batch(c.pool, calls, op, opts...)
	}
}

// batchReads applies nothing, as intended.
func batchReads(_ context.Context, c *client, op int64) error {
	if err := c.batch(c.pool, readCalls, op, db.WithReadOnly()); err != nil {
		return err
	}
	return errMeant
}

// batch runs a batch. It checks that each call reports the outcome that Run reports.
func (c *client) batch(on db.Execer, queue func(context.Context, *batch, int64) []call, op int64, opts ...db.BatchOption) error {
	ctx, cancel := c.statement()
	defer cancel()
	b := newBatch(on, opts...)
	calls := queue(ctx, b, op)
	err := b.Run(ctx)
	for i, one := range calls {
		own := one.Err()
		if (own == nil) != (err == nil) || errors.Is(own, db.ErrOutcomeUnknown) != errors.Is(err, db.ErrOutcomeUnknown) {
			c.violated(fmt.Sprintf("Run of a batch returned %v, and the call %d %v", err, i, own))
		}
	}
	return err
}

// independentCall returns a function that runs a batch of independent calls, of which one
// writes. The function returns the error of that call.
func independentCall(opts ...db.BatchOption) func(context.Context, *client, int64) error {
	return func(_ context.Context, c *client, op int64) error {
		ctx, cancel := c.statement()
		defer cancel()
		b := newBatch(c.pool, opts...)
		before := queueDrain(ctx, b, "SELECT n FROM fault_counters WHERE op = ?", op)
		write := queueExec(ctx, b, insertRow, op, 0)
		after := queueDrain(ctx, b, "SELECT n FROM fault_counters WHERE op = ?", op)
		if err := b.Run(ctx); err == nil && (before.Err() != nil || write.Err() != nil || after.Err() != nil) {
			c.violated(fmt.Sprintf("Run of a batch returned nil, and its calls %v, %v, %v", before.Err(), write.Err(), after.Err()))
		}
		return write.Err()
	}
}

// batchInTx returns a function that runs a batch between two statements of a transaction.
func batchInTx(opts ...db.BatchOption) func(context.Context, *client, int64) error {
	two := func(ctx context.Context, b *batch, op int64) []call {
		return []call{queueExec(ctx, b, insertRow, op, 0), queueExec(ctx, b, insertRow, op, 1)}
	}
	return func(ctx context.Context, c *client, op int64) error {
		return inTransaction(ctx, c,
			func(tx *sql.Tx) error { return c.batch(tx, two, op, opts...) },
			c.inserts(op, 2))
	}
}
