package walog

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// An answer is a request in progress.
type answer struct {
	reply    *call.Answer
	messages messages
}

// post sends a request, and returns its answer if that has messages. The caller must close the answer.
func (c *Client) post(ctx context.Context, method string, s *Session, message []byte) (*answer, error) {
	header := http.Header{}
	if s != nil {
		header.Set("X-Session-Token", string(*s.token))
	}
	reply, err := c.call.Post(ctx, &call.Request{
		Path:        "wal_log.ReplicationLog/" + method,
		Header:      header,
		Body:        append([]byte{0, 0, 0, 0, byte(len(message))}, message...),
		Check:       checkHeader,
		ContentType: "application/grpc-web",
	})
	if err != nil {
		return nil, err
	}
	return &answer{reply, newMessages(reply)}, nil
}

// checkHeader returns the error in a header: the server puts an error there that comes before the first
// message.
func checkHeader(reply *call.Answer) error {
	if reply.Header().Get("Grpc-Status") == "" {
		return nil
	}
	if err := parseStatus(textproto.MIMEHeader(reply.Header())); err != io.EOF {
		return convert(reply, err)
	}
	return nil
}

// next returns the next message, or [io.EOF] after a trailer with the status OK.
func (a *answer) next() ([]byte, error) {
	message, err := a.messages.next()
	if err != nil && err != io.EOF {
		err = convert(a.reply, err)
	}
	return message, err
}

// finish reads the end of the answer after the trailer, so that the connection can be used again.
func (a *answer) finish() { a.messages.atEnd() }

// convert converts an error of [messages.next].
func convert(reply *call.Answer, err error) error {
	var s *status
	switch {
	case errors.As(err, &s):
		return reply.Refused(s.reason(), s.text)
	case err == errLong, err == errFlags, err == errTrailer:
		return call.Malformed(err.Error())
	default:
		return reply.Lost(err)
	}
}
