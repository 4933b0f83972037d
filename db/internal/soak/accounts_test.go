package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/duolite/duolite/db"
)

// Accounts have the same sum at any time that anybody may see. marked is 1 only in what
// is rolled back.
const (
	accounts   = 10
	deposit    = 1000
	accountSum = accounts * deposit
)

var accountSchema = []string{
	`CREATE TABLE account (
		id      INTEGER PRIMARY KEY,
		balance INTEGER NOT NULL,
		marked  INTEGER NOT NULL DEFAULT 0 CHECK (marked IN (0, 1)))`,
	fmt.Sprintf(`
		WITH RECURSIVE account_id (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM account_id WHERE n < %d)
		INSERT INTO account (id, balance) SELECT n, %d FROM account_id`, accounts, deposit),
}

// errChange is an error of a transaction's own, after which all is rolled back.
var errChange = errors.New("a change of mind")

// pickAccount returns the id of one.
func pickAccount(rng *rand.Rand) int {
	return 1 + rng.IntN(accounts)
}

// move takes an amount from one account to another. In between the sum isn't right.
func move(ctx context.Context, tx *sql.Tx, rng *rand.Rand) error {
	from, to, amount := pickAccount(rng), pickAccount(rng), rng.IntN(50)
	var balance int
	if err := tx.QueryRowContext(ctx, "SELECT balance FROM account WHERE id = ?", from).Scan(&balance); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE account SET balance = ? WHERE id = ?", balance-amount, from); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE account SET balance = balance + ? WHERE id = ?", amount, to)
	return err
}

// mark writes what nobody else may see.
func mark(ctx context.Context, tx *sql.Tx, rng *rand.Rand) error {
	if _, err := tx.ExecContext(ctx, "UPDATE account SET balance = balance + 1, marked = 1 WHERE id = ?", pickAccount(rng)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO account (balance, marked) VALUES (7, 1)")
	return err
}

// An ending is how a transaction that has written marks is rolled back. It returns an
// error; the context is the transaction's, and cancel ends it.
type ending func(ctx context.Context, cancel func(), tx *sql.Tx) error

var endings = []ending{
	func(context.Context, func(), *sql.Tx) error { return errChange },
	// The last of its statements fails.
	func(ctx context.Context, _ func(), tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE account SET marked = 2")
		if !errors.Is(err, db.ErrCheck) {
			return fmt.Errorf("got error %v, want %v", err, db.ErrCheck)
		}
		return errChange
	},
	// Its context ends before COMMIT, which InTx is about to send.
	func(_ context.Context, cancel func(), _ *sql.Tx) error {
		cancel()
		return nil
	},
	func(context.Context, func(), *sql.Tx) error { panic(errChange) },
}

// abandon writes marks in a transaction that comes to nothing.
func abandon(ctx context.Context, pool *sql.DB, rng *rand.Rand) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		if p := recover(); p != nil && p != errChange {
			panic(p)
		} else if p != nil {
			err = nil
		}
	}()
	end := endings[rng.IntN(len(endings))]
	err = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		if err := mark(ctx, tx, rng); err != nil {
			return err
		}
		return end(ctx, cancel, tx)
	})
	switch {
	case err == nil:
		return errors.New("a transaction was committed that was to be rolled back")
	case errors.Is(err, db.ErrOutcomeUnknown):
		return fmt.Errorf("it had not come to its COMMIT: %w", err)
	case errors.Is(err, errChange), errors.Is(err, context.Canceled):
		return nil
	default:
		return err
	}
}
