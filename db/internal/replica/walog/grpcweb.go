package walog

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
)

// The form of gRPC-web: each message has a byte of flags and its length before it. The trailer is
// the last message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
const (
	prefixSize  = 1 + 4
	flagTrailer = 0x80
)

const (
	// bufferSize is the memory of an answer, which holds some 15 frames.
	bufferSize = 64 << 10
	// maxMessage is the longest message that is read. A frame has some 4.1 KB.
	maxMessage = bufferSize - prefixSize
)

var (
	errLong    = errors.New("a message is too long")
	errFlags   = errors.New("a message is compressed or of an unknown kind")
	errTrailer = errors.New("the trailer has no status")
)

// messages splits the body of an answer into messages.
type messages struct {
	body *bufio.Reader
	used int // the size of the last message, which is still in the buffer
}

func newMessages(body io.Reader) messages {
	return messages{body: bufio.NewReaderSize(body, bufferSize)}
}

// next returns the next message, which is valid until the next call. The error is [io.EOF] after a
// trailer with the status OK, a [*status] after another trailer, [io.ErrUnexpectedEOF] if the body
// ends without a trailer, an error of the body, or one of this file.
func (m *messages) next() ([]byte, error) {
	m.body.Discard(m.used)
	m.used = 0
	prefix, err := m.peek(prefixSize)
	if err != nil {
		return nil, err
	}
	flags, length := prefix[0], binary.BigEndian.Uint32(prefix[1:])
	switch {
	case flags != 0 && flags != flagTrailer:
		return nil, errFlags
	case length > maxMessage:
		return nil, errLong
	}
	message, err := m.peek(prefixSize + int(length))
	if err != nil {
		return nil, err
	}
	m.used = len(message)
	message = message[prefixSize:]
	if flags == flagTrailer {
		return nil, parseTrailer(message)
	}
	return message, nil
}

func (m *messages) peek(n int) ([]byte, error) {
	b, err := m.body.Peek(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// more reports whether the message after the last one is in the buffer.
func (m *messages) more() bool {
	start := m.used + prefixSize
	if m.body.Buffered() < start {
		return false
	}
	b, _ := m.body.Peek(start)
	return uint64(m.body.Buffered()-start) >= uint64(binary.BigEndian.Uint32(b[m.used+1:]))
}

// atEnd reads the end of the body after the trailer, and reports whether it is there.
func (m *messages) atEnd() bool {
	m.body.Discard(m.used)
	m.used = 0
	_, err := m.body.Peek(1)
	return err == io.EOF
}

// A status is a status of gRPC other than OK. https://grpc.io/docs/guides/status-codes
type status struct {
	code uint64
	text string // foreign text
}

// Error implements error.
func (*status) Error() string { return "the server answers with an error" }

// parseTrailer returns the error of [messages.next] for a trailer, which has the form of an HTTP header.
func parseTrailer(trailer []byte) error {
	lines := bufio.NewReader(bytes.NewReader(append(slices.Clip(trailer), "\r\n"...)))
	header, err := textproto.NewReader(lines).ReadMIMEHeader()
	if err != nil {
		return errTrailer
	}
	return parseStatus(header)
}

// parseStatus returns a [*status], [io.EOF] for the status OK, or errTrailer.
func parseStatus(header textproto.MIMEHeader) error {
	code, err := strconv.ParseUint(header.Get("Grpc-Status"), 10, 32)
	if err != nil {
		return errTrailer
	}
	if code == 0 {
		return io.EOF
	}
	text := header.Get("Grpc-Message")
	if decoded, err := url.PathUnescape(text); err == nil {
		text = decoded
	}
	return &status{code, text}
}
