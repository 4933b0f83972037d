package dbcheck

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/duolite/duolite/db/internal/replay"
)

// An answer is what a statement gave: rows, or a result.
type answer struct {
	columns  []string
	declared []string // the type of a plain column, "" for an expression
	rows     [][]any  // values as the driver had them
	result   sql.Result
}

// A tap is a generated method's DBTX: it hands each statement to run, and the answer
// to the method. Rows come from a driver that only repeats them, so that the method's
// own Scan sees exactly the values that the answer has.
type tap struct {
	replay *sql.DB
	run    func(ctx context.Context, query string, args []any) (*answer, error)
}

func (t *tap) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	a, err := t.run(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return a.result, nil
}

func (t *tap) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	a, err := t.run(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return t.replay.QueryContext(replay.Answer(ctx, &replayRows{a, 0}, nil), query)
}

func (t *tap) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	a, err := t.run(ctx, query, args)
	if err != nil {
		return t.replay.QueryRowContext(replay.Answer(ctx, nil, err), query)
	}
	return t.replay.QueryRowContext(replay.Answer(ctx, &replayRows{a, 0}, nil), query)
}

func (t *tap) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errors.New("dbcheck: a generated method prepares its statement itself")
}

type replayRows struct {
	*answer
	next int
}

func (r *replayRows) Columns() []string { return r.columns }
func (r *replayRows) Close() error      { return nil }

func (r *replayRows) Next(dest []driver.Value) error {
	if r.next == len(r.rows) {
		return io.EOF
	}
	for i, value := range r.rows[r.next] {
		if b, ok := value.([]byte); ok {
			value = append([]byte{}, b...) // a Scan may keep it
		}
		dest[i] = value
	}
	r.next++
	return nil
}

func (t *tap) replayRow(a *answer) *sql.Row {
	return t.replay.QueryRowContext(replay.Answer(context.Background(), &replayRows{a, 0}, nil), "")
}
