package db

import (
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/contract"
)

// A BatchOption says how a batch is run.
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

// WithReadOnly makes a batch a snapshot: all calls see the database as it was at one
// moment, and a write is refused with [ErrReadOnly]. It waits for no writer, and after a
// network error it may be sent again. A batch that only reads is one without the option too;
// with it, it can't be anything else.
func WithReadOnly() BatchOption {
	return func(c *batchConfig) error { return c.setMode(contract.BatchRead) }
}

// WithIndependentCalls makes a batch that is no transaction: each statement commits by
// itself, and all are run, also after one that failed: in order, but that on a server one
// that has to wait for another's lock comes after the rest. Run then returns the
// first error there is, as a [*BatchError], and each call has its own; a nil means that
// all are applied. If an answer is lost, or larger than a server sends at once (10 MB) where
// the request also writes, the calls of that request have [ErrOutcomeUnknown]. In a *sql.Tx
// it is an error.
func WithIndependentCalls() BatchOption {
	return func(c *batchConfig) error { return c.setMode(contract.BatchIndependent) }
}

// WithRequestLimits sets how large a request to a server may be: about so many bytes of
// texts and arguments, and so many statements. What is more goes in several requests,
// one after the other and in one transaction, which keeps the write lock meanwhile.
// The defaults are 4 MiB and 4,096. A statement that is larger by itself goes alone. On a file
// it means nothing.
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
