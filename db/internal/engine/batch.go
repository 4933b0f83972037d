package engine

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// A Batcher is a connection that can send many statements at once. Of one that can't,
// the contract runs them one after the other, to the same effect.
type Batcher interface {
	// Batch runs steps in order, in as few requests as the limits allow.
	//
	// The replies are one for each step. A step that wasn't run has neither an answer
	// nor an error; what became of the batch when the error isn't nil, that error says:
	// it is of what is around the steps, or of the way to the server, and each step
	// that it may have kept from its answer has it too if they are independent.
	Batch(context.Context, *Batch) ([]Reply, error)
}

// A Batch is statements that travel together.
type Batch struct {
	Steps  []Step
	Around Around
	// Large allows for answers that are larger than [ErrLarge] says, at some cost. Where
	// steps are independent, the engine does so by itself, for what has only read.
	Large bool
	// MaxBytes and MaxSteps bound a request.
	MaxBytes, MaxSteps int
}

// ErrLarge is below the error of a batch whose answers are too many for one reply. What
// it has done until then is in the transaction, if that is still open.
var ErrLarge = errors.New("the answers are too large for one reply")

// MaxSteps is the highest that Batch.MaxSteps may be.
const MaxSteps = 1 << 15

// Around is what steps are run in.
type Around int

const (
	// Whole: in the transaction that Begin has begun, which ends with them: by COMMIT if
	// all went well, else by ROLLBACK. A step runs only if the one before went well.
	Whole Around = iota
	// Nested: in the transaction that is open, or begun. A step runs only if the one
	// before went well. To undo those before one that fails is left to the caller.
	Nested
	// Independent: each by itself, outside of a transaction. All are run.
	Independent
)

// A Step is a statement of a batch.
type Step struct {
	Statement *sqltext.Statement
	// Args are those of [Stmt.Query].
	Args []driver.Value
	// Rows says whether it is a query. Otherwise its rows are dropped.
	Rows bool
}

// A Reply is what became of a step.
type Reply struct {
	// Done: it went well, and what follows is its answer.
	Done   bool
	Rows   Rows // of a query; all of them are in memory
	Result Result
	// Err is its own error.
	Err error
}
