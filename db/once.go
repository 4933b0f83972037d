package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/storedjson"
)

// OnceSchema is the table that [InTxOnce] keeps its keys in. It belongs into a migration
// of the program's. Keys that no caller repeats any more can be deleted:
//
//	DELETE FROM duolite_once WHERE done_at < datetime('now', '-30 days')
const OnceSchema = `CREATE TABLE duolite_once (
    key     TEXT NOT NULL PRIMARY KEY,
    result  TEXT NOT NULL, -- JSON
    done_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT, WITHOUT ROWID`

// InTxOnce runs fn in a transaction exactly once for each key, however often it is called
// with it: by this process, another, or after a crash. What fn returned the first time is
// kept, as JSON, in the same transaction, and returned to all who call with that key. The
// key names the work, such as the identifier that a client gave its order; two kinds of
// work need two kinds of keys.
//
// So the caller learns what became of a transaction whose COMMIT got no answer: InTxOnce
// looks the key up, and runs fn again only if it isn't there. An [ErrOutcomeUnknown] that
// it returns itself means that it couldn't look; calling it again with the key is safe at
// any time.
//
// For fn the rules of [InTx] hold. The table is [OnceSchema].
func InTxOnce[T any](ctx context.Context, pool *sql.DB, key string, fn func(*sql.Tx) (T, error), opts ...TxOption) (T, error) {
	var result T
	cfg, err := newTxConfig(opts)
	if err != nil {
		return result, err
	}
	// unsure: an earlier attempt may have committed, and none has looked since.
	unsure := false
	looked := func(tx *sql.Tx) (T, error) {
		unsure = false
		return fn(tx)
	}
	// With its key a transaction may be run again whatever became of it.
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

// once returns the result that is kept under the key, or runs fn, as there is none, and
// keeps what it returns.
func once[T any](ctx context.Context, tx *sql.Tx, key string, fn func(*sql.Tx) (T, error)) (result T, err error) {
	var kept string
	err = tx.QueryRowContext(ctx, "SELECT result FROM duolite_once WHERE key = ?", key).Scan(&kept)
	if err == nil {
		if err := storedjson.Unmarshal([]byte(kept), &result); err != nil {
			return result, fmt.Errorf("db: the result that is kept under the key is of another type than %T: %w", result, err)
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
		return result, fmt.Errorf("db: the result can't be kept as JSON: %w", err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO duolite_once (key, result) VALUES (?, ?)", key, string(text))
	return result, err
}
