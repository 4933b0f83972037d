package transport

import (
	"fmt"
	"io"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// MaxAnswer bounds an answer that [Answer.ReadAll] reads into memory. sqld's own limit is
	// 10 MB before JSON escapes; larger results need a cursor.
	MaxAnswer = 64 << 20
	// maxPreallocated bounds the memory that is allocated before the answer arrives.
	maxPreallocated = 4 << 20
)

// ErrTooLong is the error of an answer that is longer than [MaxAnswer].
var ErrTooLong = fmt.Errorf("the answer is larger than %d MiB", MaxAnswer>>20)

// An Answer is an answer with status 200. The caller must close it.
type Answer struct {
	// Key is the key that the request was sent with.
	Key *Key

	body     io.ReadCloser
	length   int64 // the Content-Length, or -1 without one
	exchange *exchange
	meter    *engine.Meter
}

// Read implements [io.Reader]. An error contains no token.
func (a *Answer) Read(b []byte) (int, error) {
	n, err := a.body.Read(b)
	a.meter.Received += int64(n)
	if err != nil && err != io.EOF {
		err = a.Key.token.RedactError(a.exchange.cause(err))
	}
	return n, err
}

// ReadAll reads the rest of the answer.
func (a *Answer) ReadAll() ([]byte, error) {
	buffer := make([]byte, 0, min(max(a.length, 511), maxPreallocated)+1)
	for {
		if len(buffer) == cap(buffer) {
			buffer = slices.Grow(buffer, len(buffer))
		}
		n, err := a.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case len(buffer) > MaxAnswer:
			return nil, ErrTooLong
		case err == io.EOF:
			return buffer, nil
		case err != nil:
			return nil, err
		}
	}
}

// Cancel makes a running or later Read fail. It may be called by another goroutine.
func (a *Answer) Cancel(cause error) { a.exchange.cancel(cause) }

// StopTimeout lifts Config.RequestTimeout from the rest of the answer.
func (a *Answer) StopTimeout() { a.exchange.stopTimer() }

// Close ends the request. The TCP connection is used again if the answer was read to its end.
func (a *Answer) Close() {
	a.body.Close()
	a.exchange.end()
}
