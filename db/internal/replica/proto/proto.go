// Package proto reads and writes protobuf messages without generated code.
// https://protobuf.dev/programming-guides/encoding
package proto

import (
	"encoding/binary"
	"errors"
)

// The wire types.
const (
	Varint  = 0
	fixed64 = 1
	Bytes   = 2
	fixed32 = 5
)

// maxField is the largest number of a field.
const maxField = 1<<29 - 1

// ErrSyntax is the error of a message that isn't valid.
var ErrSyntax = errors.New("a message is not valid protobuf")

// A Field is one field of a message.
type Field struct {
	Num, Wire uint64
	Value     uint64 // of Varint
	Bytes     []byte // of Bytes; a part of the message
}

// Each calls visit for each field of a message, and allocates no memory. visit must ignore fields
// whose number or wire type it doesn't know. A group is an error: proto3 has none.
func Each(message []byte, visit func(Field)) error {
	for len(message) > 0 {
		key, rest, err := cutVarint(message)
		f := Field{Num: key >> 3, Wire: key & 7}
		if err != nil || f.Num == 0 || f.Num > maxField {
			return ErrSyntax
		}
		size := uint64(0)
		switch f.Wire {
		case Varint:
			f.Value, rest, err = cutVarint(rest)
		case Bytes:
			size, rest, err = cutVarint(rest)
		case fixed64:
			size = 8
		case fixed32:
			size = 4
		default:
			return ErrSyntax
		}
		if err != nil || size > uint64(len(rest)) {
			return ErrSyntax
		}
		f.Bytes, message = rest[:size], rest[size:]
		visit(f)
	}
	return nil
}

func cutVarint(b []byte) (value uint64, rest []byte, err error) {
	value, n := binary.Uvarint(b)
	if n <= 0 { // cut off, or larger than 64 bits
		return 0, nil, ErrSyntax
	}
	return value, b[n:], nil
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
