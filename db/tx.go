package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// InTx runs fn in a transaction that writes, and commits it if fn returns nil. If fn
// returns an error or panics, all that it did is rolled back, and InTx returns the error
// or panics on.
//
// fn is run again, after a pause, if the transaction failed in a way that proves that
// nothing of it was committed: the database was locked, the server was unavailable, or
// rolled the transaction back to give its lock to another. It is never run again after
// [ErrOutcomeUnknown], nor after an error of fn's own or of its context. So fn
//
//   - must do nothing that lasts besides what it does with its transaction: it may run
//     more than once;
//   - returns errors of the transaction as they are, or wrapped by %w: InTx decides by
//     them;
//   - doesn't call Commit or Rollback, and doesn't use the transaction after it returned.
//
// An [ErrOutcomeUnknown] of InTx is one of its COMMIT: whether the transaction is in the
// database isn't known. [InTxOnce] finds out.
func InTx(ctx context.Context, pool *sql.DB, fn func(*sql.Tx) error, opts ...TxOption) error {
	return runTx(ctx, pool, &sql.TxOptions{}, fn, opts)
}

// InReadTx runs fn in a transaction that reads: all of its statements see the database
// as it was at the first, and writes are refused with [ErrReadOnly]. It runs fn again as
// [InTx] does.
func InReadTx(ctx context.Context, pool *sql.DB, fn func(*sql.Tx) error, opts ...TxOption) error {
	return runTx(ctx, pool, &sql.TxOptions{ReadOnly: true}, fn, opts)
}

// A TxOption says how [InTx], [InReadTx] and [InTxOnce] run a transaction again.
type TxOption func(*txConfig) error

// WithMaxAttempts sets how often a transaction is tried in all. The default is 8, which
// without other waits takes some 3 s; 1 is not to try again.
func WithMaxAttempts(n int) TxOption {
	return func(c *txConfig) error {
		if n < 1 {
			return fmt.Errorf("WithMaxAttempts: %d is less than 1", n)
		}
		c.attempts = n
		return nil
	}
}

// WithRetryHook calls fn before a transaction is tried again, to log or to count it.
func WithRetryHook(fn func(context.Context, Retry)) TxOption {
	return func(c *txConfig) error {
		if fn == nil {
			return errors.New("WithRetryHook: the function is nil")
		}
		c.hook = fn
		return nil
	}
}

// A Retry tells of a transaction that is about to be tried again.
type Retry struct {
	// Attempt is the one that failed, from 1.
	Attempt int
	// Err is why.
	Err error
	// Pause is how long InTx waits before the next.
	Pause time.Duration
}

type txConfig struct {
	attempts int
	hook     func(context.Context, Retry)
}

// The pauses between attempts: about 20 ms at first, then twice as long each time, up to
// about a second.
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

func newTxConfig(opts []TxOption) (txConfig, error) {
	cfg := txConfig{attempts: 8, hook: func(context.Context, Retry) {}}
	for i, opt := range opts {
		if opt == nil {
			return cfg, configError{fmt.Errorf("transaction option %d is nil", i+1)}
		}
		if err := opt(&cfg); err != nil {
			return cfg, configError{err}
		}
	}
	return cfg, nil
}

// tryTx runs the transaction once. The rollback is for an error, and for a panic on its
// way through.
func tryTx(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(*sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err = fn(tx); err == nil {
		err = tx.Commit()
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		// database/sql itself rolls it back when its context ends.
		return ctx.Err()
	}
	return err
}

// nothingCommitted reports whether a transaction that failed with err may be run again:
// nothing of it is in the database, and another attempt may do better.
func nothingCommitted(err error) bool {
	if errors.Is(err, ErrOutcomeUnknown) {
		return false
	}
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrTxLost) || errors.Is(err, ErrUnavailable)
}

// repeat calls try until it succeeds, or again says no, or there were enough attempts.
// What ended the context ends it too.
func (c txConfig) repeat(ctx context.Context, again func(error) bool, try func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := try()
		if err == nil || attempt >= c.attempts || !again(err) {
			return err
		}
		// Random, so that those who collided don't come back together.
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

// wait waits for d, or until the context ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
