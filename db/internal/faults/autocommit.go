package faults

import (
	"context"
	"database/sql"
)

const insertRow = "INSERT INTO fault_rows (op, part) VALUES (?, ?)"

func insert(_ context.Context, c *client, op int64) error {
	return c.exec(c.pool, insertRow, op, 0)
}

func update(_ context.Context, c *client, op int64) error {
	return c.exec(c.pool, "UPDATE fault_counters SET n = n + 1 WHERE op = ?", op)
}

func remove(_ context.Context, c *client, op int64) error {
	return c.exec(c.pool, "DELETE FROM fault_targets WHERE rowid = (SELECT min(rowid) FROM fault_targets WHERE op = ?)", op)
}

func returning(_ context.Context, c *client, op int64) error {
	return c.drain(c.pool, insertRow+" RETURNING op", op, 0)
}

func updateReturning(_ context.Context, c *client, op int64) error {
	return c.drain(c.pool, "UPDATE fault_counters SET n = n + 1 WHERE op = ? RETURNING n", op)
}

func prepared(_ context.Context, c *client, op int64) error {
	ctx, cancel := c.statement()
	defer cancel()
	stmt, err := c.pool.PrepareContext(ctx, insertRow)
	if err != nil {
		return err
	}
	defer stmt.Close()
	_, err = stmt.ExecContext(ctx, op, 0)
	return err
}

// rowsText returns a script of three inserts without arguments.
func rowsText(op int64) string {
	return "INSERT INTO fault_rows VALUES (" + number(op) + ", 0); " +
		"INSERT INTO fault_rows VALUES (" + number(op) + ", 1); " +
		"INSERT INTO fault_rows VALUES (" + number(op) + ", 2)"
}

func script(_ context.Context, c *client, op int64) error {
	return c.exec(c.pool, rowsText(op))
}

func scriptWithCommit(_ context.Context, c *client, op int64) error {
	return c.exec(c.pool, "BEGIN IMMEDIATE; INSERT INTO fault_rows VALUES ("+number(op)+
		", 0); INSERT INTO fault_rows VALUES ("+number(op)+", 1); COMMIT")
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// drain reads rows to their end.
func (c *client) drain(q queryer, text string, args ...any) error {
	ctx, cancel := c.statement()
	defer cancel()
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
