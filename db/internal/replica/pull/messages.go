package pull

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const (
	// bufferSize is the memory of an answer, which holds some 15 pages.
	bufferSize = 64 << 10
	// maxMessage is the longest message that is read. A page has some 4.1 KB.
	maxMessage = bufferSize - binary.MaxVarintLen64
)

var (
	errLong   = errors.New("a message is too long")
	errLength = errors.New("the length of a message is malformed")
)

// messages splits the body of an answer into messages. Each one has its length before it, as a varint.
type messages struct {
	body *bufio.Reader
	used int // the size of the last message, which is still in the buffer
}

func newMessages(body io.Reader) messages {
	return messages{body: bufio.NewReaderSize(body, bufferSize)}
}

// next returns the next message, which is valid until the next call. The error is [io.EOF] after the
// last message, [io.ErrUnexpectedEOF] in the middle of one, an error of the body, or one of this file.
func (m *messages) next() ([]byte, error) {
	m.body.Discard(m.used)
	m.used = 0
	length, size, err := m.length()
	if err != nil {
		return nil, err
	}
	message, err := m.body.Peek(size + int(length))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	m.used = len(message)
	return message[size:], nil
}

// length returns the length of the next message, and the number of bytes that it takes.
func (m *messages) length() (length uint64, size int, err error) {
	for size = 1; size <= binary.MaxVarintLen64; size++ {
		b, err := m.body.Peek(size)
		if err == io.EOF && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, 0, err
		}
		if b[size-1] < 0x80 {
			break
		}
	}
	b, _ := m.body.Peek(min(size, binary.MaxVarintLen64))
	switch length, size = binary.Uvarint(b); {
	case size <= 0:
		return 0, 0, errLength
	case length > maxMessage:
		return 0, 0, errLong
	}
	return length, size, nil
}
