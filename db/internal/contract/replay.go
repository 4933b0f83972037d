package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
)

// A Recorder is asked for the answer to a call, once, and may take its time.
type Recorder interface {
	Record(Call) (*Answer, error)
}

// NewReplay returns a pool without a database: what runs a statement on it, with a
// context of [WithRecorder], has its recorder's answer. So the code that reads rows is the
// program's own, on the rows of database/sql, and arguments are checked as all are.
func NewReplay() *sql.DB {
	return sql.OpenDB(replayConnector{})
}

type recorderKey struct{}

// WithRecorder returns a context that never ends.
func WithRecorder(r Recorder) context.Context {
	return context.WithValue(context.Background(), recorderKey{}, r)
}

type replayConnector struct{}

func (replayConnector) Connect(context.Context) (driver.Conn, error) { return replayConn{}, nil }

func (replayConnector) Driver() driver.Driver { return nil }

type replayConn struct{}

var (
	_ driver.ExecerContext     = replayConn{}
	_ driver.QueryerContext    = replayConn{}
	_ driver.NamedValueChecker = replayConn{}
)

var errReplayOnly = errors.New("a call of a batch runs a statement, and nothing else")

func (replayConn) Prepare(string) (driver.Stmt, error) { return nil, errReplayOnly }

func (replayConn) Begin() (driver.Tx, error) { return nil, errReplayOnly }

func (replayConn) Close() error { return nil }

func (replayConn) CheckNamedValue(arg *driver.NamedValue) error { return checkNamedValue(arg) }

func (replayConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	answer, err := record(ctx, Call{Text: text, Args: args})
	if err != nil {
		return nil, err
	}
	return result{answer.reply.Result}, nil
}

func (replayConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	answer, err := record(ctx, Call{Text: text, Args: args, Rows: true})
	if err != nil {
		return nil, err
	}
	replayed := &replayRows{answer: answer}
	replayed.shape.fit(answer.reply.Rows.Columns())
	return replayed, nil
}

func record(ctx context.Context, call Call) (*Answer, error) {
	answer, err := ctx.Value(recorderKey{}).(Recorder).Record(call)
	if err == nil && answer.Err != nil {
		err = answer.Err
	}
	return answer, err
}

// replayRows are the rows of an answer.
type replayRows struct {
	answer *Answer
	shape  shape
}

func (r *replayRows) Columns() []string { return slices.Clone(r.shape.names) }

func (r *replayRows) Next(values []driver.Value) error {
	err := r.answer.reply.Rows.Next(values)
	if err == nil {
		r.shape.convert(values)
	}
	return err
}

func (r *replayRows) Close() error { return r.answer.reply.Rows.Close() }
