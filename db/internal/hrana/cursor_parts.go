package hrana

import (
	"bufio"
	"bytes"
	"context"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/db/internal/proto"
)

const (
	// maxPart bounds a part of a cursor's answer, which has at most one row. It allows for the
	// same values as a reply does.
	maxPart = transport.MaxAnswer
	// maxBuffered bounds the rows that are read ahead into memory.
	maxBuffered = 256 << 20
)

// errBuffered is the error of rows that are larger than maxBuffered.
var errBuffered = &engine.Error{
	Kind:    engine.ErrTooBig,
	Code:    engine.CodeTooBig,
	Message: "the rows are too many to be held in memory while another statement runs in the transaction",
}

// next decodes the next part into r.entry. It returns io.EOF after the last one, and an
// [*engine.Error] for an error of the statement.
func (r *cursorRows) next() error {
	var err error
	if r.buffered {
		if len(r.buffer) == 0 {
			return io.EOF
		}
		r.part, r.buffer = r.buffer[0], r.buffer[1:]
	} else if r.part, err = r.readPart(); err == io.EOF {
		return io.EOF
	} else if err != nil {
		return badAnswer(err)
	}
	if err := r.codec.DecodeEntry(r.part, &r.entry); err != nil {
		return badAnswer(err)
	}
	if failed := r.entry.Err; failed != nil {
		if failed.Code == codeTxTimeout && r.conn.cursor == r {
			r.conn.drop()
		}
		return convert(failed, r.answer.Key)
	}
	return nil
}

// readPart reads a part of the answer: a line of JSON, or a message of protobuf. It is valid until the next
// call. readPart returns io.EOF only between two parts.
func (r *cursorRows) readPart() ([]byte, error) {
	if r.codec != wire.Protobuf {
		return r.readLine()
	}
	message, err := proto.ReadDelimited(r.reader, maxPart)
	switch err {
	case proto.ErrTooLong:
		err = transport.ErrTooLong
	case proto.ErrSyntax:
		err = wire.ErrSyntax
	}
	return message, err
}

// readLine reads a line.
func (r *cursorRows) readLine() ([]byte, error) {
	line, err := r.reader.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	long := bytes.Clone(line)
	for err == bufio.ErrBufferFull {
		if len(long) > maxPart {
			return nil, transport.ErrTooLong
		}
		line, err = r.reader.ReadSlice('\n')
		long = append(long, line...)
	}
	switch {
	case err == io.EOF && len(bytes.TrimSpace(long)) == 0:
		return nil, io.EOF
	case err == io.EOF:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	default:
		return long, nil
	}
}

// bufferRest reads the remaining parts into memory, so that the stream can take another request. It
// fails if ctx, the context of that request, ends meanwhile. The rows are over then.
func (r *cursorRows) bufferRest(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { r.answer.Cancel(ctx.Err()) })
	defer stop()
	for i := range r.row { // the memory of part is used again
		r.row[i].Bytes = bytes.Clone(r.row[i].Bytes)
	}
	err := r.bufferParts()
	r.conn.cursor = nil
	r.buffered = true
	if err != nil { // the rows are over, and so is the transaction
		r.buffer = nil
		if r.end = err; err != error(errBuffered) {
			r.end, _ = wrapSendError(r.ctx, badAnswer(err), risk{bound: r.bound})
		}
		r.conn.drop()
	}
	r.answer.Close()
	return ctx.Err()
}

// bufferParts reads the remaining parts into r.buffer.
func (r *cursorRows) bufferParts() error {
	size := 0
	for {
		part, err := r.readPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if size += len(part); size > maxBuffered {
			return errBuffered
		}
		r.buffer = append(r.buffer, bytes.Clone(part))
	}
}
