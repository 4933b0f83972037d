package wire

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// A Codec is one of the two encodings of the protocol. Both have the same effect on the same server.
type Codec interface {
	// AppendPipeline appends the body of a pipeline request to b. An empty baton opens a new
	// stream. It fails if an argument can't be sent.
	AppendPipeline(b []byte, q *Request, baton string) ([]byte, error)
	// AppendCursor appends the body of a cursor request, which runs the steps as a batch, to b.
	// It fails if an argument can't be sent.
	AppendCursor(b []byte, q *Request, baton string) ([]byte, error)
	// DecodeReply decodes the body of a response to the pipeline request q. It fails with
	// [ErrSyntax] if the results don't match q. columns may be nil.
	//
	// The reply keeps data and reads values from it later: the caller must not change data
	// before it has read them.
	DecodeReply(data []byte, q *Request, columns *ColumnCache) (*Reply, error)
	// DecodeStream decodes the first part of a cursor response.
	DecodeStream(data []byte) (StreamState, error)
	// DecodeEntry decodes a later part into e, and reuses the memory of e.Values.
	DecodeEntry(data []byte, e *Entry) error
	// DecodeError decodes the body of a response with an error status. Its message is "" if the
	// body has no field for one.
	DecodeError(body []byte) (Error, error)
}

// The codecs.
var (
	// JSON is the encoding that every server has.
	JSON Codec = jsonCodec{}
	// Protobuf is shorter. sqld has it, other servers may not.
	Protobuf Codec = protobufCodec{}
)

// ErrSyntax is the error of a reply that isn't of the protocol. It doesn't quote the reply, which
// holds the program's data.
var ErrSyntax = errors.New("the answer is not of the Hrana protocol")

// checkArgument returns an error for an argument that can't be sent. JSON can't hold infinities, and so
// no codec sends them. Errors don't contain the value.
func checkArgument(arg driver.Value) error {
	switch arg := arg.(type) {
	case nil, int64, []byte:
		return nil
	case float64:
		if math.IsNaN(arg) || math.IsInf(arg, 0) {
			return &engine.Error{Message: "an argument is an infinite float or NaN, which can't be sent to a server"}
		}
		return nil
	case string:
		if !utf8.ValidString(arg) {
			return &engine.Error{Message: "an argument is text that isn't UTF-8, which can't be sent to a server: pass it as []byte"}
		}
		return nil
	default:
		return &engine.Error{Message: fmt.Sprintf("an argument is of type %T, which SQLite doesn't have", arg)}
	}
}
