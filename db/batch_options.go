package db

import (
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/contract"
)

// A BatchOption says how a batch runs.
type BatchOption func(*batchConfig) error

type batchConfig struct {
	mode              contract.BatchMode
	bytes, statements int
}

// The default limits of a request.
const (
	defaultRequestBytes      = 4 << 20
	defaultRequestStatements = 4096
)

var defaultBatchConfig = batchConfig{bytes: defaultRequestBytes, statements: defaultRequestStatements}

// WithReadOnly makes a batch a snapshot: all calls see the database as it was at one moment,
// and writes fail with [ErrReadOnly]. The batch waits for no writer, and may be sent again
// after a network error. A batch without the option is also a snapshot if all of its
// statements only read; the option enforces it.
func WithReadOnly() BatchOption {
	return func(c *batchConfig) error { return c.setMode(contract.BatchRead) }
}

// WithIndependentCalls makes each statement commit by itself, outside of a transaction. All
// statements run, also after one has failed. They run in order, except on a server: statements
// that must wait for a lock run after the others. Run returns the first error as a
// [*BatchError], and each call has its own error; nil means that all calls were applied. The
// calls of a request have [ErrOutcomeUnknown] if its reply is lost, or if the request writes
// and its reply exceeds the server's limit (10 MB). On a *sql.Tx the option is an error.
func WithIndependentCalls() BatchOption {
	return func(c *batchConfig) error { return c.setMode(contract.BatchIndependent) }
}

// WithRequestLimits sets the approximate size of a request to a server: the bytes of SQL texts
// and arguments, and the number of statements. The defaults are 4 MiB and 4,096. A larger
// batch is sent in several requests in one transaction, which holds the write lock for their
// whole duration. A statement that is larger than a request is sent alone. The option has no
// effect on a file.
func WithRequestLimits(bytes, statements int) BatchOption {
	return func(c *batchConfig) error {
		if bytes < 1 || statements < 1 || statements > contract.MaxRequestStatements {
			return fmt.Errorf("WithRequestLimits: %d bytes and %d statements; want at least 1 of each, and at most %d statements", bytes, statements, contract.MaxRequestStatements)
		}
		c.bytes, c.statements = bytes, statements
		return nil
	}
}

func (c *batchConfig) setMode(mode contract.BatchMode) error {
	if c.mode != contract.BatchWrite && c.mode != mode {
		return errors.New("WithReadOnly and WithIndependentCalls: a snapshot isn't independent calls; choose one")
	}
	c.mode = mode
	return nil
}
