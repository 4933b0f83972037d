package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/storedjson"
)

// OnceSchema creates the table in which [InTxOnce] stores its keys. It has the form of a
// migration: copy it to a file of the program's schema folder, or to a migration there. Delete
// keys that no caller will repeat:
//
//	DELETE FROM duolite_once WHERE done_at < datetime('now', '-30 days')
const OnceSchema = `-- +goose Up
CREATE TABLE duolite_once (
    key     TEXT NOT NULL PRIMARY KEY,
    result  TEXT NOT NULL, -- JSON
    done_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT, WITHOUT ROWID;
`

// InTxOnce runs fn in a transaction exactly once for each key, however often it is called with
// that key: by this process, by another, or after a crash. The first result of fn is stored as
// JSON in the same transaction, and every later call with the key returns it. The key names
// the work, for example by the identifier that a client gave its order; different kinds of
// work need different keys.
//
// So the caller learns the outcome of a transaction whose COMMIT got no reply: InTxOnce looks
// for the key, and runs fn again only if the key is missing. If InTxOnce itself returns an
// [ErrOutcomeUnknown], it was unable to look. Calling it again with the key is always safe.
//
// The rules of [InTx] apply to fn. The table is [OnceSchema].
func InTxOnce[T any](ctx context.Context, pool *sql.DB, key string, fn func(*sql.Tx) (T, error), opts ...TxOption) (T, error) {
	var result T
	cfg, err := newTxConfig(opts)
	if err != nil {
		return result, err
	}
	// unsure: an earlier attempt may have committed, and no later attempt has checked.
	unsure := false
	looked := func(tx *sql.Tx) (T, error) {
		unsure = false
		return fn(tx)
	}
	// The key makes it safe to repeat the transaction after any outcome.
	again := func(err error) bool { return nothingCommitted(err) || errors.Is(err, ErrOutcomeUnknown) }
	err = cfg.repeat(ctx, again, func() error {
		err := tryTx(ctx, pool, &sql.TxOptions{}, func(tx *sql.Tx) (err error) {
			result, err = once(ctx, tx, key, looked)
			return err
		})
		unsure = unsure || errors.Is(err, ErrOutcomeUnknown)
		return err
	})
	if err == nil {
		return result, nil
	}
	if unsure && !errors.Is(err, ErrOutcomeUnknown) {
		err = fmt.Errorf("%w (of an earlier attempt), and then: %w", ErrOutcomeUnknown, err)
	}
	var none T
	return none, err
}

// once returns the stored result of the key. If there is none, it runs fn and stores its
// result.
func once[T any](ctx context.Context, tx *sql.Tx, key string, fn func(*sql.Tx) (T, error)) (result T, err error) {
	var kept string
	err = tx.QueryRowContext(ctx, "SELECT result FROM duolite_once WHERE key = ?", key).Scan(&kept)
	if err == nil {
		if err := storedjson.Unmarshal([]byte(kept), &result); err != nil {
			return result, fmt.Errorf("the result stored for the key isn't a %T: %w", result, err)
		}
		return result, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return result, err
	}
	if result, err = fn(tx); err != nil {
		return result, err
	}
	text, err := storedjson.Marshal(result, true)
	if err != nil {
		return result, fmt.Errorf("the result can't be stored as JSON: %w", err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO duolite_once (key, result) VALUES (?, ?)", key, string(text))
	return result, err
}
