package walog

import (
	"errors"
	"math"
	"regexp"

	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// uintMessage returns a message whose only field has the number 1 and the value. Such are both
// requests: HelloRequest with the version of the handshake, and LogOffset with the number of the
// first frame that is wanted.
func uintMessage(value uint64) []byte {
	return proto.AppendVarint(nil, 1, value)
}

// identifier matches text that may be the value of an HTTP header. The server sends UUIDs.
var identifier = regexp.MustCompile(`^[!-~]{1,256}$`)

// decode reads a HelloResponse. Next is 0 if there is no index, since the database is empty.
func (s *Session) decode(message []byte) error {
	var token call.Secret
	err := proto.Each(message, func(f proto.Field) {
		switch {
		case f.Num == 3 && f.Wire == proto.Bytes:
			s.LogID = string(f.Bytes)
		case f.Num == 4 && f.Wire == proto.Bytes:
			token = call.Secret(f.Bytes)
		case f.Num == 5 && f.Wire == proto.Varint:
			s.Next = min(f.Value, math.MaxUint64-1) + 1
		}
	})
	if err == nil && !(identifier.MatchString(s.LogID) && identifier.MatchString(string(token))) {
		err = errors.New("the log's identifier or the session's token is missing or malformed")
	}
	s.token = &token
	return err
}
