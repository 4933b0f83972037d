package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/duolite/duolite/db"
)

// registerSchema is a number under each key.
const registerSchema = "CREATE TABLE register (key INTEGER PRIMARY KEY, value INTEGER NOT NULL)"

// A deed is what an operation does to a register.
type deed int

const (
	read deed = iota
	write
	compareAndSet
)

// An input is what an operation is called with.
type input struct {
	deed     deed
	key      int64
	value    int64 // to be written; no two operations write the same
	expected int64 // by compareAndSet
	way      int   // index in the deed's ways
}

// An output is what it returned.
type output struct {
	fate  fate
	value int64 // what was read
	set   bool  // whether compareAndSet found what it expected
}

// A way is a program's way to do a deed. Its output is of use if it returns no error.
type way func(ctx context.Context, pool *sql.DB, in input) (output, error)

// deeds has the ways of each. Those in a transaction that has the lock come last.
var deeds = map[deed][]way{
	read:          {readNow, readSnapshot, readInTx},
	write:         {writeNow, writeReturning, writeInTx},
	compareAndSet: {setWhere, setInTx},
}

const (
	selectValue = "SELECT value FROM register WHERE key = ?"
	updateValue = "UPDATE register SET value = ? WHERE key = ?"
)

// run does what the input says.
func (in input) run(ctx context.Context, pool *sql.DB) (output, error) {
	out, err := deeds[in.deed][in.way](ctx, pool, in)
	out.fate = fateOf(err)
	return out, err
}

func readNow(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	err = pool.QueryRowContext(ctx, selectValue, in.key).Scan(&out.value)
	return out, err
}

func readSnapshot(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	err = db.InReadTx(ctx, pool, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, selectValue, in.key).Scan(&out.value)
	})
	return out, err
}

func readInTx(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	err = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, selectValue, in.key).Scan(&out.value)
	})
	return out, err
}

func writeNow(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	_, err = pool.ExecContext(ctx, updateValue, in.value, in.key)
	return out, err
}

// writeReturning writes by a query. If its context ends after the statement has run,
// and before the row is read, database/sql itself returns the context's error, without
// asking the driver: it says nothing of the write.
func writeReturning(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	var value int64
	err = pool.QueryRowContext(ctx, updateValue+" RETURNING value", in.value, in.key).Scan(&value)
	switch {
	case err == nil && value != in.value:
		err = fmt.Errorf("RETURNING has %d of the row that was set to %d", value, in.value)
	case err != nil && err == ctx.Err():
		err = errors.Join(err, db.ErrOutcomeUnknown)
	}
	return out, err
}

func writeInTx(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	err = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, updateValue, in.value, in.key)
		return err
	})
	return out, err
}

// setWhere has one statement that compares and sets.
func setWhere(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	result, err := pool.ExecContext(ctx, updateValue+" AND value = ?", in.value, in.key, in.expected)
	if err != nil {
		return out, err
	}
	n, err := result.RowsAffected()
	out.set = n == 1
	return out, err
}

// setInTx reads, compares, and sets.
func setInTx(ctx context.Context, pool *sql.DB, in input) (out output, err error) {
	err = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		var value int64
		if err := tx.QueryRowContext(ctx, selectValue, in.key).Scan(&value); err != nil {
			return err
		}
		out.set = value == in.expected
		if !out.set {
			return nil
		}
		_, err := tx.ExecContext(ctx, updateValue, in.value, in.key)
		return err
	})
	return out, err
}

// newInput decides on an operation, in a transaction that has the lock or not. What it
// expects is what its goroutine last knew of the key, so that some are right.
func newInput(rng *rand.Rand, key, value, known int64, inTx bool) input {
	in := input{deed: deed(rng.IntN(len(deeds))), key: key, value: value, expected: known}
	last := len(deeds[in.deed]) - 1
	if in.way = last; !inTx {
		in.way = rng.IntN(last)
	}
	return in
}
