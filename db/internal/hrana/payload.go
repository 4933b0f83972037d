package hrana

import (
	"bytes"
	"io"
	"sync/atomic"
)

// A payload is the body of a request. The transport may go on reading it after there
// is an answer, so its memory isn't used again.
type payload struct {
	data []byte
	// begun: some of it may have been read to be sent.
	begun atomic.Bool
	first payloadReader
}

// reader makes of r a reader of the body. Of one that isn't the standard library's own, in
// memory, HTTP/1 sends the headers by themselves, before it looks at the body: a system
// call and a packet more, with each request. So only what may go by HTTP/2 is watched,
// and the other counts as begun.
func (p *payload) reader(r *payloadReader, watched bool) io.ReadCloser {
	r.payload = p
	r.Reset(p.data)
	if watched {
		return r
	}
	p.begun.Store(true)
	return io.NopCloser(&r.Reader)
}

type payloadReader struct {
	bytes.Reader
	payload *payload
}

func (r *payloadReader) Read(b []byte) (int, error) {
	r.payload.begun.Store(true)
	return r.Reader.Read(b)
}

func (r *payloadReader) WriteTo(w io.Writer) (int64, error) {
	r.payload.begun.Store(true)
	return r.Reader.WriteTo(w)
}

// Close implements [io.Closer].
func (r *payloadReader) Close() error { return nil }
