package hrana

import (
	"bytes"
	"context"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxHeld bounds the rows that are held in memory while the stream does something else.
const maxHeld = 256 << 20

// hold reads the rest into memory, so that the stream can be used otherwise. It fails if
// the context of what is to use it ends meanwhile; the rows are over then.
func (r *cursorRows) hold(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { r.answer.life.cancel(ctx.Err()) })
	defer stop()
	r.holdRest()
	return ctx.Err()
}

func (r *cursorRows) holdRest() {
	size := 0
	for {
		line, err := r.readLine()
		if err == nil {
			size += len(line)
			if size > maxHeld {
				err = errHeld
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			r.finishHolding(err)
			return
		}
		r.held = append(r.held, bytes.Clone(line))
	}
	r.finishHolding(nil)
}

var errHeld = &engine.Error{
	Kind:    engine.ErrTooBig,
	Code:    engine.CodeTooBig,
	Message: "the rows are too many to be held in memory while another statement runs in the transaction",
}

// finishHolding lets go of the answer. If it couldn't be read to its end, the rows are
// over, and so is the transaction.
func (r *cursorRows) finishHolding(err error) {
	r.conn.cursor = nil
	r.holding = true
	if err != nil {
		r.held = nil
		if r.end = err; err != error(errHeld) {
			r.end, _ = explain(r.ctx, &sendError{true, err}, risk{bound: r.bound})
		}
		r.conn.drop()
	}
	r.answer.close()
}
