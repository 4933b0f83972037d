// Package proto reads and writes protobuf messages without generated code.
// https://protobuf.dev/programming-guides/encoding
package proto

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// The wire types.
const (
	Varint  = 0
	Fixed64 = 1
	Bytes   = 2
	fixed32 = 5
)

// maxField is the largest number of a field.
const maxField = 1<<29 - 1

var (
	// ErrSyntax is the error of a message that isn't valid.
	ErrSyntax = errors.New("a message is not valid protobuf")
	// ErrTooLong is the error of a message that is longer than the reader allows.
	ErrTooLong = errors.New("a message is too long")
)

// A Field is one field of a message.
type Field struct {
	Num, Wire uint64
	Value     uint64 // of Varint and Fixed64
	Bytes     []byte // of Bytes; a part of the message
}

// Each calls visit for each field of a message, and allocates no memory. visit must ignore fields
// whose number or wire type it doesn't know. A group is an error: proto3 has none.
func Each(message []byte, visit func(Field)) error {
	r := NewReader(message)
	for r.Next() {
		visit(r.Field)
	}
	return r.Err
}

// A Reader reads the fields of a message one after the other, as Each does.
type Reader struct {
	// Field is the current field.
	Field
	// Start is the offset of the current field's value in the message of NewReader. The end of
	// Bytes is the offset Pos.
	Start, Pos int
	// Err is the error that has ended the fields, or nil.
	Err error

	data []byte
	end  int
}

// NewReader returns a reader of a message. Next moves it to the first field.
func NewReader(message []byte) Reader { return Reader{data: message, end: len(message)} }

// Nested returns a reader of the message in the current field. Its offsets are in the same data.
func (r *Reader) Nested() Reader { return Reader{data: r.data, Pos: r.Start, end: r.Pos} }

// More reports whether the message has fields behind the current one.
func (r *Reader) More() bool { return r.Err == nil && r.Pos < r.end }

// Rest returns the fields behind the current one, as bytes.
func (r *Reader) Rest() []byte { return r.data[r.Pos:r.end] }

// Data returns the message of NewReader.
func (r *Reader) Data() []byte { return r.data }

// Skip moves the reader over n bytes of whole fields.
func (r *Reader) Skip(n int) { r.Pos += n }

// Next moves to the next field. It returns false at the end of the message, and for a field that isn't
// valid.
func (r *Reader) Next() bool {
	if !r.More() {
		return false
	}
	key := r.varint()
	r.Num, r.Wire, r.Value, r.Bytes = key>>3, key&7, 0, nil
	size := uint64(0)
	switch r.Wire {
	case Varint:
		r.Start = r.Pos
		r.Value = r.varint()
	case Bytes:
		size = r.varint()
	case Fixed64:
		size = 8
	case fixed32:
		size = 4
	default:
		r.Err = ErrSyntax
	}
	if r.Num == 0 || r.Num > maxField || size > uint64(r.end-r.Pos) {
		r.Err = ErrSyntax
	}
	if r.Err != nil {
		return false
	}
	if r.Wire != Varint {
		r.Start = r.Pos
		r.Pos += int(size)
		r.Bytes = r.data[r.Start:r.Pos]
	}
	if r.Wire == Fixed64 {
		r.Value = binary.LittleEndian.Uint64(r.Bytes)
	}
	return true
}

// varint reads a number. It sets Err if the number is cut off, or larger than 64 bits.
func (r *Reader) varint() uint64 {
	if r.Pos < r.end && r.data[r.Pos] < 0x80 {
		r.Pos++
		return uint64(r.data[r.Pos-1])
	}
	value, n := binary.Uvarint(r.data[r.Pos:r.end])
	if n <= 0 {
		r.Err = ErrSyntax
		return 0
	}
	r.Pos += n
	return value
}

// AppendVarint appends a field of the wire type Varint to a message.
func AppendVarint(message []byte, num, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(message, num<<3|Varint), value)
}

// AppendBytes appends a field of the wire type Bytes to a message.
func AppendBytes[T string | []byte](message []byte, num uint64, value T) []byte {
	message = binary.AppendUvarint(message, num<<3|Bytes)
	return append(binary.AppendUvarint(message, uint64(len(value))), value...)
}

// Begin begins a field that holds a message. The fields of that message are appended next, and then
// End is called with the returned start.
func Begin(message []byte, num uint64) (_ []byte, start int) {
	message = append(binary.AppendUvarint(message, num<<3|Bytes), 0) // the length, if it is short
	return message, len(message)
}

// End ends the field that Begin has begun.
func End(message []byte, start int) []byte {
	size := len(message) - start
	if size < 0x80 {
		message[start-1] = byte(size)
		return message
	}
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(size))
	message = append(message, length[1:n]...) // makes room
	copy(message[start+n-1:], message[start:start+size])
	copy(message[start-1:], length[:n])
	return message
}

// ReadDelimited returns the next message of a stream in which each message has its length before it.
// A message that fits the buffer of r is valid until the next read. The error is [io.EOF] only between
// two messages.
func ReadDelimited(r *bufio.Reader, limit int) ([]byte, error) {
	size, err := readLength(r)
	switch {
	case err != nil:
		return nil, err
	case size > uint64(limit):
		return nil, ErrTooLong
	}
	message, err := r.Peek(int(size))
	if err == bufio.ErrBufferFull {
		long := bytes.Buffer{} // grows with the bytes that arrive
		_, err = io.CopyN(&long, r, int64(size))
		message = long.Bytes()
	} else {
		r.Discard(len(message))
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	return message, nil
}

// readLength reads the length of a message.
func readLength(r *bufio.Reader) (length uint64, err error) {
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		switch {
		case err == io.EOF && shift > 0:
			return 0, io.ErrUnexpectedEOF
		case err != nil:
			return 0, err
		case shift == 63 && b > 1: // more than 64 bits
			return 0, ErrSyntax
		}
		length |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return length, nil
		}
	}
}
