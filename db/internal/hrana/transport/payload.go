package transport

import (
	"bytes"
	"io"
	"sync/atomic"
)

// A payload is the body of a request. net/http may still read it after the answer has arrived, so
// its memory is never used again.
type payload struct {
	data []byte
	// begun is set once net/http may have read a part of the body to send it.
	begun atomic.Bool
	first payloadReader
}

// reader points r to the beginning of the body and returns it. With watched, begun is set by the
// first read. Without, reader sets begun itself and returns a type of the standard library: for any
// other type HTTP/1 sends the headers alone, before the body, which costs each request a system
// call and a packet. So only requests that may use HTTP/2 are watched.
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

// Read implements [io.Reader].
func (r *payloadReader) Read(b []byte) (int, error) {
	r.payload.begun.Store(true)
	return r.Reader.Read(b)
}

// WriteTo implements [io.WriterTo].
func (r *payloadReader) WriteTo(w io.Writer) (int64, error) {
	r.payload.begun.Store(true)
	return r.Reader.WriteTo(w)
}

// Close implements [io.Closer].
func (r *payloadReader) Close() error { return nil }
