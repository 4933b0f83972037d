package hrana

import (
	"bytes"
	"io"
	"sync/atomic"
)

// A payload is the body of a request. The transport may go on reading it after there
// is an answer, so its memory serves again only when all readers are closed.
type payload struct {
	data []byte
	open atomic.Int32
	// begun: some of it has been read to be sent.
	begun atomic.Bool
}

func (p *payload) reader() io.ReadCloser {
	p.open.Add(1)
	r := &payloadReader{payload: p}
	r.Reset(p.data)
	return r
}

// reusable returns p, or another if p is still being read.
func (p *payload) reusable() *payload {
	const keep = 1 << 20 // one large request doesn't hold memory for ever
	if p == nil || p.open.Load() > 0 || cap(p.data) > keep {
		return &payload{}
	}
	p.data = p.data[:0]
	return p
}

type payloadReader struct {
	bytes.Reader
	payload *payload
	closed  atomic.Bool
}

func (r *payloadReader) Read(b []byte) (int, error) {
	r.payload.begun.Store(true)
	return r.Reader.Read(b)
}

func (r *payloadReader) WriteTo(w io.Writer) (int64, error) {
	r.payload.begun.Store(true)
	return r.Reader.WriteTo(w)
}

// Close implements [io.Closer]. It may be called again.
func (r *payloadReader) Close() error {
	if !r.closed.Swap(true) {
		r.payload.open.Add(-1)
	}
	return nil
}
