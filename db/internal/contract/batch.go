package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A Batch is a list of statements that run in one call of database/sql, so that they reach the
// driver on a pool, a connection or a transaction: the call has the text [BatchText] and a
// *Batch as its only argument. It returns the error of the whole batch.
type Batch struct {
	Calls []Call
	Mode  BatchMode
	// MaxBytes and MaxStatements limit a request to a server.
	MaxBytes, MaxStatements int

	// Taken: a connection of this driver received the batch and set the following fields.
	Taken bool
	// Answers has one element for each call.
	Answers []Answer
	// Failed is the index of the first call whose statement failed, or -1.
	Failed int
	// Err is the error of the batch, or nil if all calls were applied.
	Err error
}

// BatchText is the SQL text of the call. SQLite reads it as a comment.
const BatchText = "-- a batch of package db"

// ErrForeign is the error of a batch on another driver.
var ErrForeign = errors.New("a batch needs a database opened by db.Open (or sql.OpenDB with db.NewConnector); this database has another driver")

// String is the text that wrappers show if they log arguments.
func (b *Batch) String() string { return fmt.Sprintf("a batch of %d statements", len(b.Calls)) }

// Value implements [driver.Valuer], which other drivers call.
func (b *Batch) Value() (driver.Value, error) { return nil, ErrForeign }

// MaxRequestStatements is the maximum number of statements in a request.
const MaxRequestStatements = engine.MaxSteps

// A BatchMode says how a batch runs.
type BatchMode int

const (
	// BatchWrite: either all statements are applied or none.
	BatchWrite BatchMode = iota
	// BatchRead: a read-only snapshot.
	BatchRead
	// BatchIndependent: each statement by itself.
	BatchIndependent
)

// A Call is a statement with its arguments.
type Call struct {
	Text  string
	Args  []driver.Value // as returned by Args
	Names []string
	Kind  CallKind
}

// A CallKind is a method of database/sql.
type CallKind int

const (
	// Exec is ExecContext.
	Exec CallKind = iota
	// Query is QueryContext.
	Query
	// QueryRow is QueryRowContext.
	QueryRow
)

// An Answer is the outcome of a call. If Done and Err are unset, the call wasn't applied.
type Answer struct {
	// Done: the call was applied, and reply is valid.
	Done  bool
	reply engine.Reply
	shape *shape // of the rows
	// Err is the error of this call.
	Err error
}

// RowsAffected returns the number of rows that the call changed.
func (a *Answer) RowsAffected() int64 { return a.reply.Result.RowsAffected }

// batch runs a batch.
func (c *conn) batch(ctx context.Context, b *Batch) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.busy.Unlock()
	c.begins(len(b.Calls))
	b.Taken, b.Failed = true, -1
	b.Answers = make([]Answer, len(b.Calls))
	err := ctx.Err()
	if err == nil {
		err = c.allow(sqltext.Read) // fails if the transaction is lost
	}
	if err == nil {
		_, err = c.checkTextTx(sqltext.Read)
	}
	var steps []engine.Step
	if err == nil {
		steps, err = c.steps(ctx, b)
	}
	if err == nil {
		err = c.runSteps(ctx, b, steps)
	}
	if b.Failed >= 0 && b.Mode != BatchIndependent && affectsWholeBatch(ctx, err) {
		b.Answers[b.Failed].Err, b.Failed = nil, -1
	}
	if b.Failed >= 0 {
		b.Answers[b.Failed].Err = c.own(ctx, b.Answers[b.Failed].Err)
	}
	b.Err = c.ended(ctx, err)
	return b.Err
}

// affectsWholeBatch reports whether err isn't the fault of one call: the context or the pool ended the
// running statement, or another client took the lock, as a server allows after 5 s. It is
// chance which statement was running, and a server doesn't say.
func affectsWholeBatch(ctx context.Context, err error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	return ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, sql.ErrConnDone) || ok && e.Code&0xff == engine.CodeBusy
}

var errInBatch = errors.New("BEGIN, COMMIT, ROLLBACK and savepoints aren't run in a batch, which is a transaction itself")

// steps parses the texts and binds the arguments. On every engine their errors are found
// before anything is sent.
func (c *conn) steps(ctx context.Context, b *Batch) ([]engine.Step, error) {
	steps := make([]engine.Step, len(b.Calls))
	known := make(map[string]*sqltext.Statement)
	for i := range b.Calls {
		call := &b.Calls[i]
		statement, err := c.statement(call.Text, known)
		if err == nil && (controlsTx(statement.Kind) || statement.Kind == sqltext.Savepoint) {
			err = errInBatch
		}
		if err == nil {
			err = c.readyPragma(ctx, statement, b.Mode != BatchIndependent)
		}
		var args []driver.Value
		if err == nil {
			args, err = call.bind(statement.Params)
		}
		if err != nil {
			b.fail(i, err)
			return nil, err
		}
		steps[i] = engine.Step{Statement: statement, Args: args, Rows: call.Kind != Exec}
	}
	return steps, nil
}

// statement returns the only statement of a text.
func (c *conn) statement(text string, known map[string]*sqltext.Statement) (*sqltext.Statement, error) {
	if found := known[text]; found != nil {
		return found, nil
	}
	var found *sqltext.Statement
	if compiled := c.cache.byText[text]; compiled != nil {
		found = compiled.statement
	} else {
		statements, err := parse(text)
		if err == nil {
			found, err = only(statements)
		}
		if err != nil {
			return nil, err
		}
	}
	known[text] = found
	return found, nil
}

func (b *Batch) fail(i int, err error) {
	b.Failed = i
	b.Answers[i].Err = err
}
