package engine

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/internal/sqltext"
)

// A Batcher is a connection that can send many statements at once. For other connections
// [RunEach] runs the statements one after the other, with the same effect.
type Batcher interface {
	// Batch runs steps in order, in as few requests as the limits allow.
	//
	// It returns one reply for each step. The reply to a step that didn't run has neither an
	// answer nor an error. A non-nil error is about the transaction around the steps or about
	// the network, and says what happened to the batch. If the steps are independent, each
	// step that may have lost its reply has that error too.
	Batch(context.Context, *Batch) ([]Reply, error)
}

// A Batch is a list of statements that are sent together.
type Batch struct {
	Steps  []Step
	Around Around
	// Large requests a slower way that allows replies larger than a server sends at once; see
	// [ErrLarge]. If the steps are independent, the engine switches to it by itself for
	// statements that only read.
	Large bool
	// MaxBytes and MaxSteps limit a request.
	MaxBytes, MaxSteps int
}

// ErrLarge is wrapped by the error of a batch whose replies exceed the limit of one response.
// Statements that ran before it remain in the transaction, if it is still open.
var ErrLarge = errors.New("the answers are too large for one reply")

// MaxSteps is the maximum value of Batch.MaxSteps.
const MaxSteps = 1 << 15

// Around is the transaction in which steps run.
type Around int

const (
	// Whole: the transaction begun by Begin. It ends after the steps: with COMMIT if all
	// succeeded, otherwise with ROLLBACK. A step runs only if the step before it succeeded.
	Whole Around = iota
	// Nested: the transaction that is open or begun. A step runs only if the step before it
	// succeeded. The caller rolls back the earlier steps.
	Nested
	// Independent: each step by itself, outside of a transaction. All steps run.
	Independent
)

// A Step is one statement of a batch.
type Step struct {
	Statement *sqltext.Statement
	// Args are as in [Stmt.Query].
	Args []driver.Value
	// Rows is set for a query. The rows of other statements are dropped.
	Rows bool
}

// A Reply is the outcome of a step.
type Reply struct {
	// the step succeeded; Rows and Result are valid
	Done   bool
	Rows   Rows // for a query; all rows are in memory
	Result Result
	// Err is the error of the step.
	Err error
}

// RunEach runs a batch of n steps on a connection that isn't a [Batcher], each by a call of run.
func RunEach(ctx context.Context, c Conn, around Around, n int, run func(i int) Reply) ([]Reply, error) {
	replies := make([]Reply, n)
	for i := range replies {
		replies[i] = run(i)
		failed := replies[i].Err != nil
		if failed && (around != Independent || ctx.Err() != nil) {
			return replies, nil
		}
	}
	if around == Whole {
		return replies, c.Commit(ctx)
	}
	return replies, nil
}

// Run runs the compiled statement of the step.
func (s *Step) Run(ctx context.Context, stmt Stmt) (reply Reply) {
	if s.Rows {
		reply.Rows, reply.Err = ReadAll(ctx, stmt, s.Args)
	} else {
		reply.Result, reply.Err = stmt.Exec(ctx, s.Args)
	}
	reply.Done = reply.Err == nil
	return reply
}
