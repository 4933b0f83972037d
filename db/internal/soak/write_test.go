package soak_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/duolite/duolite/db"
)

// writtenSchema is what operations write into. Nothing in it is unique, so that an
// operation that was done twice shows. The tally is kept by a trigger, which makes each
// row a change in two tables and an index.
var writtenSchema = []string{
	`CREATE TABLE written (
		op      INTEGER NOT NULL,
		part    INTEGER NOT NULL, -- from 0
		parts   INTEGER NOT NULL, -- how many rows the operation has
		padding BLOB NOT NULL)`,
	`CREATE INDEX written_op ON written (op)`,
	`CREATE TABLE tally (rows INTEGER NOT NULL)`,
	`INSERT INTO tally VALUES (0)`,
	`CREATE TRIGGER count AFTER INSERT ON written BEGIN UPDATE tally SET rows = rows + 1; END`,
	db.OnceSchema,
}

// An operation writes rows, all or none.
type operation struct {
	id      int64
	rows    int
	padding int // bytes in each row
	way     string
}

// ways are how an operation can be written.
var ways = map[string]func(context.Context, *sql.DB, operation) error{
	"insert": insertOne,
	"rows":   insertRows,
	"script": insertByScript,
	"tx":     insertInTx,
	"once":   insertOnce,
}

// The ways by what they are on a server: one request, or several with a transaction
// that is open in between.
var (
	oneRequest      = []string{"insert", "rows"}
	severalRequests = []string{"script", "tx", "once"}
)

// newOperation decides what is written under the id. Some rows are larger than a page.
func newOperation(rng *rand.Rand, id int64, ways []string) operation {
	op := operation{id: id, rows: 2 + rng.IntN(5), padding: rng.IntN(400), way: ways[rng.IntN(len(ways))]}
	if op.way == "insert" {
		op.rows = 1
	}
	if rng.IntN(20) == 0 {
		op.padding = rng.IntN(10_000)
	}
	return op
}

// write returns nil if the database has acknowledged the operation.
func (op operation) write(ctx context.Context, pool *sql.DB) error {
	return ways[op.way](ctx, pool, op)
}

const insertPart = "INSERT INTO written VALUES (?, ?, ?, zeroblob(?))"

func insertOne(ctx context.Context, pool *sql.DB, op operation) error {
	_, err := pool.ExecContext(ctx, insertPart, op.id, 0, op.rows, op.padding)
	return err
}

// insertRows has one statement.
func insertRows(ctx context.Context, pool *sql.DB, op operation) error {
	_, err := pool.ExecContext(ctx, `
		WITH RECURSIVE part (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n + 1 < ?2)
		INSERT INTO written SELECT ?1, n, ?2, zeroblob(?3) FROM part`, op.id, op.rows, op.padding)
	return err
}

// insertByScript has several statements in one text, which is all or nothing.
func insertByScript(ctx context.Context, pool *sql.DB, op operation) error {
	var script strings.Builder
	for part := range op.rows {
		fmt.Fprintf(&script, "INSERT INTO written VALUES (%d, %d, %d, zeroblob(%d));\n", op.id, part, op.rows, op.padding)
	}
	_, err := pool.ExecContext(ctx, script.String())
	return err
}

func insertInTx(ctx context.Context, pool *sql.DB, op operation) error {
	return db.InTx(ctx, pool, func(tx *sql.Tx) error { return insertParts(ctx, tx, op) })
}

func insertOnce(ctx context.Context, pool *sql.DB, op operation) error {
	_, err := db.InTxOnce(ctx, pool, fmt.Sprintf("operation %d", op.id), func(tx *sql.Tx) (int, error) {
		return op.rows, insertParts(ctx, tx, op)
	})
	return err
}

func insertParts(ctx context.Context, tx *sql.Tx, op operation) error {
	for part := range op.rows {
		if _, err := tx.ExecContext(ctx, insertPart, op.id, part, op.rows, op.padding); err != nil {
			return err
		}
	}
	return nil
}
