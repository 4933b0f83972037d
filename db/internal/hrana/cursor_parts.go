package hrana

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
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
	if r.codec == wire.Protobuf {
		return r.readMessage()
	}
	return r.readLine()
}

// readMessage reads a message behind its length.
func (r *cursorRows) readMessage() ([]byte, error) {
	if _, err := r.reader.Peek(1); err != nil {
		return nil, err
	}
	size, err := binary.ReadUvarint(r.reader)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, io.ErrUnexpectedEOF
	case err != nil && r.reader.Buffered() > 0: // the number is too large
		return nil, wire.ErrSyntax
	case err != nil:
		return nil, err
	case size > maxPart:
		return nil, transport.ErrTooLong
	}
	message, err := r.reader.Peek(int(size))
	if err == bufio.ErrBufferFull {
		long := bytes.Buffer{} // grows with the bytes that arrive
		if _, err = io.CopyN(&long, r.reader, int64(size)); err == nil {
			return long.Bytes(), nil
		}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	_, err = r.reader.Discard(int(size))
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
	r.keepRow()
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
