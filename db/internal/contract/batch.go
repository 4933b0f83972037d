package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// A Batch is statements that are run by one call of database/sql, so that they reach
// the driver by a pool, a connection or a transaction alike: [BatchText] with a *Batch as
// its only argument. The call returns the error of the batch as a whole.
type Batch struct {
	Calls []Call
	Mode  BatchMode
	// MaxBytes and MaxStatements bound a request to a server.
	MaxBytes, MaxStatements int

	// Taken: a connection of this driver has taken it over, and what follows is set.
	Taken bool
	// Answers has one for each call.
	Answers []Answer
	// Failed is the call whose statement failed first, or -1.
	Failed int
	// Err is the error of the batch, or nil if all is applied.
	Err error
}

// BatchText is the text that a batch goes with. To SQLite it is a comment.
const BatchText = "-- a batch of package db"

// ErrForeign is the error of a batch that comes to another driver.
var ErrForeign = errors.New("a batch runs on what db.Open has opened (or sql.OpenDB with db.NewConnector); this is a database of another driver")

// String is what a wrapper shows that shows arguments.
func (b *Batch) String() string { return fmt.Sprintf("a batch of %d statements", len(b.Calls)) }

// Value implements [driver.Valuer], which other drivers ask.
func (b *Batch) Value() (driver.Value, error) { return nil, ErrForeign }

// MaxRequestStatements is the highest limit for the statements of a request.
const MaxRequestStatements = engine.MaxSteps

// A BatchMode says how a batch is run.
type BatchMode int

const (
	// BatchWrite: all or nothing.
	BatchWrite BatchMode = iota
	// BatchRead: a snapshot that can't be written to.
	BatchRead
	// BatchIndependent: each by itself.
	BatchIndependent
)

// A Call is one statement with its arguments.
type Call struct {
	Text  string
	Args  []driver.Value // as Args makes them
	Names []string
	Kind  CallKind
}

// A CallKind is the method that a call is of.
type CallKind int

const (
	// Exec is ExecContext.
	Exec CallKind = iota
	// Query is QueryContext.
	Query
	// QueryRow is QueryRowContext.
	QueryRow
)

// An Answer is what became of a call. One that has neither of these wasn't applied.
type Answer struct {
	// Done: it is applied, and the answer is there.
	Done  bool
	reply engine.Reply
	shape *shape // of the rows
	// Err is the call's own error.
	Err error
}

// batch runs a batch.
func (c *conn) batch(ctx context.Context, b *Batch) error {
	b.Taken, b.Failed = true, -1
	b.Answers = make([]Answer, len(b.Calls))
	err := ctx.Err()
	if err == nil {
		err = c.allow(sqltext.Read) // unless the transaction is over
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
	if b.Failed >= 0 && b.Mode != BatchIndependent && ofAll(ctx, err) {
		b.Answers[b.Failed].Err, b.Failed = nil, -1
	}
	if b.Failed >= 0 {
		b.Answers[b.Failed].Err = c.own(ctx, b.Answers[b.Failed].Err)
	}
	b.Err = c.ended(ctx, err)
	return b.Err
}

// ofAll reports whether an error is no call's fault: what was under way was ended, or has
// lost its lock to another, as a server decides after 5 s. Which it was is a matter of
// chance, and a server doesn't tell.
func ofAll(ctx context.Context, err error) bool {
	var e *engine.Error
	return ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, sql.ErrConnDone) ||
		errors.As(err, &e) && e.Code&0xff == engine.CodeBusy
}

// own returns a call's error in the form that every engine's have.
func (c *conn) own(ctx context.Context, err error) error {
	if bare := ctx.Err(); bare != nil && errors.Is(err, bare) && !unknown(err) {
		return bare
	}
	return c.translate(err)
}

var errInBatch = errors.New("BEGIN, COMMIT, ROLLBACK and savepoints aren't run in a batch, which is a transaction itself")

// steps reads the texts and binds the arguments. What is wrong with those is known before
// anything is sent, on every engine.
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

// statement returns the text's only statement.
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
