package wire

import (
	"database/sql/driver"
	"encoding/binary"
	"math"
	"slices"

	"github.com/duolite/duolite/db/internal/proto"
)

// protobufCodec is [Protobuf].
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#protobuf-schema
//
// The schema there lacks the fields for the replication index, which are in sqld's libsql-hrana/src/proto.rs.
type protobufCodec struct{}

// The fields of StreamRequest and StreamResponse.
const (
	closeRequest         = 1
	executeRequest       = 2
	batchRequest         = 3
	describeRequest      = 5
	storeSQLRequest      = 6
	closeSQLRequest      = 7
	getAutocommitRequest = 8
)

// askIndex is a statement whose reply has the replication index. In protobuf sqld leaves it out of the reply
// to a batch.
var askIndex = Step{SQL: "SELECT 1"}

// asksIndex reports whether a request in protobuf has askIndex behind its batch.
func (q *Request) asksIndex() bool { return q.Batch && q.WantIndex }

// AppendPipeline implements [Codec].
func (protobufCodec) AppendPipeline(b []byte, q *Request, baton string) ([]byte, error) {
	if baton != "" {
		b = proto.AppendBytes(b, 1, baton)
	}
	q.storeTexts()
	for i, text := range q.stored {
		b = appendRequest(b, storeSQLRequest, func(b []byte) []byte {
			return proto.AppendBytes(proto.AppendVarint(b, 1, uint64(i)), 2, text)
		})
	}
	var err error
	switch {
	case q.Batch:
		b = appendRequest(b, batchRequest, func(b []byte) []byte {
			b, err = appendProtoBatch(b, 1, q)
			return b
		})
	case len(q.Steps) > 0:
		b = appendRequest(b, executeRequest, func(b []byte) []byte {
			b, err = appendProtoStatement(b, 1, &q.Steps[0], -1, q.Index)
			return b
		})
	}
	if err != nil {
		return b, err
	}
	for i := range q.stored {
		b = appendRequest(b, closeSQLRequest, func(b []byte) []byte { return proto.AppendVarint(b, 1, uint64(i)) })
	}
	if q.asksIndex() {
		b = appendRequest(b, executeRequest, func(b []byte) []byte {
			b, _ = appendProtoStatement(b, 1, &askIndex, -1, 0)
			return b
		})
	}
	if q.Describe != "" {
		b = appendRequest(b, describeRequest, func(b []byte) []byte { return proto.AppendBytes(b, 1, q.Describe) })
	}
	if q.Autocommit {
		b = appendRequest(b, getAutocommitRequest, func(b []byte) []byte { return b })
	}
	if q.Close {
		b = appendRequest(b, closeRequest, func(b []byte) []byte { return b })
	}
	return b, nil
}

// AppendCursor implements [Codec].
func (protobufCodec) AppendCursor(b []byte, q *Request, baton string) ([]byte, error) {
	if baton != "" {
		b = proto.AppendBytes(b, 1, baton)
	}
	q.stored = nil // only a pipeline can store texts
	return appendProtoBatch(b, 2, q)
}

// appendRequest appends a StreamRequest of the kind, whose fields are appended by fields.
func appendRequest(b []byte, kind uint64, fields func([]byte) []byte) []byte {
	b, outer := proto.Begin(b, 2)
	b, inner := proto.Begin(b, kind)
	return proto.End(proto.End(fields(b), inner), outer)
}

// appendProtoBatch appends a field with a Batch of the steps.
func appendProtoBatch(b []byte, num uint64, q *Request) ([]byte, error) {
	b, batch := proto.Begin(b, num)
	var text string
	var id int // of text
	for i := range q.Steps {
		s := &q.Steps[i]
		if i == 0 || s.SQL != text {
			text, id = s.SQL, q.storedID(s.SQL)
		}
		var step int
		var err error
		b, step = proto.Begin(b, 1)
		b = appendProtoCondition(b, s.When, i-1)
		if b, err = appendProtoStatement(b, 2, s, id, 0); err != nil {
			return b, err
		}
		b = proto.End(b, step)
	}
	b = appendProtoIndex(b, 2, q.Index)
	return proto.End(b, batch), nil
}

// appendProtoIndex appends a field with the replication index, unless it is 0.
func appendProtoIndex(b []byte, num, index uint64) []byte {
	if index == 0 {
		return b
	}
	return proto.AppendVarint(b, num, index)
}

// appendProtoCondition appends a field with a BatchCond.
func appendProtoCondition(b []byte, when Condition, before int) []byte {
	const (
		num            = 1 // in BatchStep
		ok, not        = 1, 3
		and, or        = 4, 5
		isAutocommit   = 6
		condsOfTheList = 1
	)
	inTransaction := func(b []byte) []byte {
		b, inner := proto.Begin(b, not)
		return proto.End(proto.AppendBytes(b, isAutocommit, ""), inner)
	}
	if when == Always {
		return b
	}
	b, cond := proto.Begin(b, num)
	switch when {
	case Never:
		b = proto.AppendBytes(b, or, "") // of nothing
	case AfterOK:
		b = proto.AppendVarint(b, ok, uint64(before))
	case InTransaction:
		b = inTransaction(b)
	case AfterOK | InTransaction:
		var list, one int
		b, list = proto.Begin(b, and)
		b, one = proto.Begin(b, condsOfTheList)
		b = proto.End(proto.AppendVarint(b, ok, uint64(before)), one)
		b, one = proto.Begin(b, condsOfTheList)
		b = proto.End(proto.End(inTransaction(b), one), list)
	}
	return proto.End(b, cond)
}

// appendProtoStatement appends a field with a Stmt. id is the place of its text in q.stored, or -1. index is
// the replication index to wait for, or 0.
func appendProtoStatement(b []byte, num uint64, s *Step, id int, index uint64) ([]byte, error) {
	b, statement := proto.Begin(b, num)
	if id >= 0 {
		b = proto.AppendVarint(b, 2, uint64(id))
	} else {
		b = proto.AppendBytes(b, 1, s.SQL)
	}
	for i, arg := range s.Args {
		if err := checkArgument(arg); err != nil {
			return b, err
		}
		if s.Names == nil {
			b = appendProtoValue(b, 3, arg)
			continue
		}
		var named int
		b, named = proto.Begin(b, 4)
		b = proto.AppendBytes(b, 1, s.Names[i])
		b = proto.End(appendProtoValue(b, 2, arg), named)
	}
	if !s.Rows {
		b = proto.AppendVarint(b, 5, 0) // want_rows
	}
	b = appendProtoIndex(b, 6, index)
	return proto.End(b, statement), nil
}

// appendProtoValue appends a field with a Value.
func appendProtoValue(b []byte, num uint64, arg driver.Value) []byte {
	b, value := proto.Begin(b, num)
	switch arg := arg.(type) {
	case int64:
		b = proto.AppendVarint(b, 2, uint64(arg)<<1^uint64(arg>>63))
	case float64:
		b = append(b, 3<<3|proto.Fixed64)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(arg))
	case string:
		b = proto.AppendBytes(b, 4, arg)
	case []byte:
		if arg != nil {
			b = proto.AppendBytes(b, 5, arg)
			break
		}
		b = proto.AppendBytes(b, 1, "")
	default:
		b = proto.AppendBytes(b, 1, "") // NULL
	}
	return proto.End(b, value)
}

const (
	// maxStored is the number of texts that a request stores, and maxStoredText their length in bytes. The
	// limits of sqld are 50 and 5,000.
	maxStored, maxStoredText = 16, 4 << 10
	// minSaved is the number of bytes that a stored text must save. To store it takes some itself.
	minSaved = 128
)

// storeTexts chooses the texts that the request sends once for several steps. The server forgets them at the
// end of the request.
func (q *Request) storeTexts() {
	q.stored = nil
	if !q.Batch || len(q.Steps) < 3 {
		return
	}
	uses := map[string]int{}
	for i := 0; i < len(q.Steps); {
		text, first := q.Steps[i].SQL, i
		for i < len(q.Steps) && q.Steps[i].SQL == text {
			i++
		}
		if len(text) > maxStoredText {
			continue
		}
		uses[text] += i - first
		if (uses[text]-1)*len(text) >= minSaved && len(q.stored) < maxStored && !slices.Contains(q.stored, text) {
			q.stored = append(q.stored, text)
		}
	}
}

// storedID returns the place of a text in q.stored, or -1.
func (q *Request) storedID(text string) int { return slices.Index(q.stored, text) }
