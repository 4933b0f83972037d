package call

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/duolite/duolite/db/internal/replay"
)

// An Answer is the outcome of a statement: rows, or a result.
type Answer struct {
	Columns  []string
	Declared []string // the type of a plain column, "" for an expression
	Rows     [][]any  // values as the driver had them
	result   sql.Result
}

// A Tap is the DBTX of a generated method: it passes each statement to Run, and the answer
// to the method. Rows come from a driver that only repeats them, so that the method's
// own Scan sees exactly the values that the answer has.
type Tap struct {
	Replay *sql.DB
	Run    func(ctx context.Context, query string, args []any) (*Answer, error)
}

func (t *Tap) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	a, err := t.Run(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return a.result, nil
}

func (t *Tap) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Replay.QueryContext(t.answer(ctx, query, args), query)
}

func (t *Tap) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Replay.QueryRowContext(t.answer(ctx, query, args), query)
}

// answer returns the context in which Replay answers the query as Run does.
func (t *Tap) answer(ctx context.Context, query string, args []any) context.Context {
	a, err := t.Run(ctx, query, args)
	return replay.Answer(ctx, &replayRows{a, 0}, err)
}

func (t *Tap) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errors.New("a generated method prepares its statement itself")
}

type replayRows struct {
	answer *Answer
	next   int
}

func (r *replayRows) Columns() []string { return r.answer.Columns }
func (r *replayRows) Close() error      { return nil }

func (r *replayRows) Next(dest []driver.Value) error {
	if r.next == len(r.answer.Rows) {
		return io.EOF
	}
	for i, value := range r.answer.Rows[r.next] {
		if b, ok := value.([]byte); ok {
			value = append([]byte{}, b...) // a Scan may keep it
		}
		dest[i] = value
	}
	r.next++
	return nil
}
