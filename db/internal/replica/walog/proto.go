package walog

import (
	"encoding/binary"
	"errors"
	"math"
	"regexp"
)

// The wire types of protobuf. https://protobuf.dev/programming-guides/encoding
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// maxField is the largest number of a field.
const maxField = 1<<29 - 1

var errProto = errors.New("a message is not valid protobuf")

// A field is one field of a message.
type field struct {
	num, wire uint64
	value     uint64 // of wireVarint
	bytes     []byte // of wireBytes; a part of the message
}

// eachField calls visit for each field of a message, and allocates no memory. visit must ignore
// fields whose number or wire type it doesn't know. A group is an error: proto3 has none.
func eachField(message []byte, visit func(field)) error {
	for len(message) > 0 {
		key, rest, err := cutVarint(message)
		f := field{num: key >> 3, wire: key & 7}
		if err != nil || f.num == 0 || f.num > maxField {
			return errProto
		}
		size := uint64(0)
		switch f.wire {
		case wireVarint:
			f.value, rest, err = cutVarint(rest)
		case wireBytes:
			size, rest, err = cutVarint(rest)
		case wireFixed64:
			size = 8
		case wireFixed32:
			size = 4
		default:
			return errProto
		}
		if err != nil || size > uint64(len(rest)) {
			return errProto
		}
		f.bytes, message = rest[:size], rest[size:]
		visit(f)
	}
	return nil
}

func cutVarint(b []byte) (value uint64, rest []byte, err error) {
	value, n := binary.Uvarint(b)
	if n <= 0 { // cut off, or larger than 64 bits
		return 0, nil, errProto
	}
	return value, b[n:], nil
}

// uintMessage returns a message whose only field has the number 1 and the value. Such are both
// requests: HelloRequest with the version of the handshake, and LogOffset with the number of the
// first frame that is wanted.
func uintMessage(value uint64) []byte {
	return binary.AppendUvarint([]byte{1<<3 | wireVarint}, value)
}

// identifier matches text that may be the value of an HTTP header. The server sends UUIDs.
var identifier = regexp.MustCompile(`^[!-~]{1,256}$`)

// decode reads a HelloResponse. Next is 0 if there is no index, since the database is empty.
func (s *Session) decode(message []byte) error {
	var token secret
	var configErr error
	err := eachField(message, func(f field) {
		switch {
		case f.num == 3 && f.wire == wireBytes:
			s.LogID = string(f.bytes)
		case f.num == 4 && f.wire == wireBytes:
			token = secret(f.bytes)
		case f.num == 5 && f.wire == wireVarint:
			s.Next = min(f.value, math.MaxUint64-1) + 1
		case f.num == 6 && f.wire == wireBytes:
			configErr = s.decodeConfig(f.bytes)
		}
	})
	if err == nil {
		err = configErr
	}
	if err == nil && !(identifier.MatchString(s.LogID) && identifier.MatchString(string(token))) {
		err = errors.New("the log's identifier or the session's token is missing or malformed")
	}
	s.token = &token
	return err
}

// decodeConfig reads a DatabaseConfig.
func (s *Session) decodeConfig(message []byte) error {
	return eachField(message, func(f field) {
		switch {
		case f.num == 1 && f.wire == wireVarint:
			s.BlockReads = f.value != 0
		case f.num == 2 && f.wire == wireVarint:
			s.BlockWrites = f.value != 0
		case f.num == 3 && f.wire == wireBytes:
			s.BlockReason = secret("").clean(string(f.bytes))
		}
	})
}
