package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// InTx runs fn in a write transaction, and commits it if fn returns nil. If fn returns an
// error or panics, InTx rolls the transaction back, and returns the error or panics again.
//
// InTx runs fn again, after a pause, if the transaction failed and nothing of it can have been
// committed: the database was locked, the server was unavailable, or the server rolled the
// transaction back to give its lock to another. InTx doesn't run fn again after
// [ErrOutcomeUnknown], after an error of fn's own, or after ctx has ended. So fn
//
//   - must have no lasting effect besides its transaction, since it may run more than once;
//   - must return the transaction's errors unchanged or wrapped with %w, since InTx
//     examines them;
//   - must not call Commit or Rollback, nor use the transaction after fn has returned.
//
// If InTx returns an [ErrOutcomeUnknown], the reply to its COMMIT was lost: the transaction
// may or may not have been committed. [InTxOnce] finds out.
func InTx(ctx context.Context, pool *sql.DB, fn func(*sql.Tx) error, opts ...TxOption) error {
	return runTx(ctx, pool, &sql.TxOptions{}, fn, opts)
}

// InReadTx runs fn in a read transaction: all of its statements see the database as it was at
// the first, and writes fail with [ErrReadOnly]. InReadTx runs fn again as [InTx] does.
func InReadTx(ctx context.Context, pool *sql.DB, fn func(*sql.Tx) error, opts ...TxOption) error {
	return runTx(ctx, pool, &sql.TxOptions{ReadOnly: true}, fn, opts)
}

// A TxOption says how [InTx], [InReadTx] and [InTxOnce] repeat a transaction.
type TxOption func(*txConfig) error

// WithMaxAttempts sets the maximum number of attempts. The default is 8, with pauses of about
// 3 s in all; 1 means no second attempt.
func WithMaxAttempts(n int) TxOption {
	return func(c *txConfig) error {
		if n < 1 {
			return fmt.Errorf("WithMaxAttempts: %d is less than 1", n)
		}
		c.attempts = n
		return nil
	}
}

// WithRetryHook calls fn before each further attempt, for logging or counting.
func WithRetryHook(fn func(context.Context, Retry)) TxOption {
	return func(c *txConfig) error {
		if fn == nil {
			return errors.New("WithRetryHook: the function is nil")
		}
		c.hook = fn
		return nil
	}
}

// A Retry describes a transaction that is about to be repeated.
type Retry struct {
	// Attempt is the number of the failed attempt, from 1.
	Attempt int
	// Err is the error of that attempt.
	Err error
	// Pause is the time until the next attempt.
	Pause time.Duration
}

type txConfig struct {
	attempts int
	hook     func(context.Context, Retry)
}

// The pause before the next attempt is about 20 ms at first, and doubles each time up to about
// one second.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

func runTx(ctx context.Context, pool *sql.DB, txOpts *sql.TxOptions, fn func(*sql.Tx) error, opts []TxOption) error {
	cfg, err := newTxConfig(opts)
	if err != nil {
		return err
	}
	return cfg.repeat(ctx, nothingCommitted, func() error { return tryTx(ctx, pool, txOpts, fn) })
}

var defaultTxConfig = txConfig{attempts: 8, hook: func(context.Context, Retry) {}}

func newTxConfig(opts []TxOption) (txConfig, error) {
	cfg := defaultTxConfig
	return cfg, apply("transaction option", &cfg, opts)
}

// A txBeginner is a *sql.DB or a *sql.Conn.
type txBeginner interface {
	Execer
	BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

// tryTx runs the transaction once. It rolls back after an error or a panic.
func tryTx(ctx context.Context, pool txBeginner, opts *sql.TxOptions, fn func(*sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if err = fn(tx); err == nil {
		err = tx.Commit()
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		// database/sql rolled the transaction back when its context ended.
		return ctx.Err()
	}
	return err
}

// nothingCommitted reports whether a transaction that failed with err may be repeated: nothing
// of it was committed, and another attempt may succeed.
func nothingCommitted(err error) bool {
	if errors.Is(err, ErrOutcomeUnknown) {
		return false
	}
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrTxLost) || errors.Is(err, ErrUnavailable)
}

// repeat calls try until it succeeds, again returns false, the attempts are used up, or ctx
// has ended.
func (c txConfig) repeat(ctx context.Context, again func(error) bool, try func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := try()
		if err == nil || attempt >= c.attempts || !again(err) {
			return err
		}
		// The pause is random, so that transactions that collided don't collide again.
		retry := Retry{attempt, err, pause/2 + rand.N(pause)}
		if ctx.Err() == nil {
			c.hook(ctx, retry)
			wait(ctx, retry.Pause)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w, after: %w", ctx.Err(), err)
		}
		pause = min(2*pause, lastPause)
	}
}

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
