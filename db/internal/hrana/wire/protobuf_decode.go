package wire

import (
	"github.com/duolite/duolite/db/internal/proto"
)

// DecodeReply implements [Codec]. A step without a result is skipped, as the protocol's map leaves it out.
func (protobufCodec) DecodeReply(data []byte, q *Request, columns *ColumnCache) (*Reply, error) {
	d := &protobufReply{q: q, cache: columns}
	r := &Reply{}
	r.Results = r.room[:0]
	place, all := 0, len(q.stored)*2+q.results()
	if q.asksIndex() {
		all++
	}
	fields := proto.NewReader(data)
	for fields.Next() {
		if fields.Wire != proto.Bytes {
			continue
		}
		switch fields.Num {
		case 1:
			r.Stream.Baton = string(fields.Bytes)
		case 2:
			r.Stream.BaseURL = string(fields.Bytes)
		case 3:
			if place == all {
				return nil, ErrSyntax
			}
			one, err := d.result(fields.Nested())
			if err != nil {
				return nil, err
			}
			d.keep(r, place, one)
			place++
		}
	}
	if fields.Err != nil || place != all {
		return nil, ErrSyntax
	}
	if err := r.check(q); err != nil {
		return nil, err
	}
	return r, nil
}

// keep adds a result to the reply, if the program asked for it. The others are of stored texts, and of
// askIndex, whose index belongs to the batch.
func (d *protobufReply) keep(r *Reply, place int, one Result) {
	stored := len(d.q.stored)
	switch index := 2*stored + 1; {
	case place < stored, stored < place && place < index:
	case d.q.asksIndex() && place == index:
		r.Results[0].IndexLost = one.Err != nil
		if one.Statement != nil {
			r.Results[0].Index = one.Statement.Index
		}
	default:
		r.Results = append(r.Results, one)
	}
}

// A protobufReply is a reply that is being decoded.
type protobufReply struct {
	q     *Request
	cache *ColumnCache // may be nil
	// results and values are memory for the results that follow.
	results []StatementResult
	values  []Value
}

// result reads a StreamResult, which has a response or an error.
func (d *protobufReply) result(m proto.Reader) (r Result, err error) {
	parts := 0
	for m.Next() {
		switch {
		case m.Num == 1 && m.Wire == proto.Bytes:
			parts++
			err = d.response(m.Nested(), &r)
		case m.Num == 2 && m.Wire == proto.Bytes:
			parts++
			r.Err, err = protobufError(m.Nested())
		}
		if err != nil {
			return r, err
		}
	}
	if m.Err != nil || parts != 1 {
		return r, ErrSyntax
	}
	return r, nil
}

// kinds are the names of the responses in JSON, by their fields.
var kinds = map[uint64]string{executeRequest: "execute", batchRequest: "batch", describeRequest: "describe", getAutocommitRequest: "get_autocommit"}

// response reads a StreamResponse.
func (d *protobufReply) response(m proto.Reader, r *Result) error {
	for m.Next() {
		if m.Wire != proto.Bytes {
			continue
		}
		if r.kind != "" {
			return ErrSyntax
		}
		r.kind = kinds[m.Num]
		if err := d.responseFields(m.Nested(), m.Num, r); err != nil {
			return err
		}
	}
	if m.Err != nil {
		return ErrSyntax
	}
	return nil
}

// responseFields reads a response of the kind, whose only field is 1.
func (d *protobufReply) responseFields(m proto.Reader, kind uint64, r *Result) error {
	present := false
	for m.Next() {
		if m.Num != 1 {
			continue
		}
		var err error
		switch {
		case kind == getAutocommitRequest && m.Wire == proto.Varint:
			r.Autocommit = m.Value != 0
			continue
		case m.Wire != proto.Bytes || present:
			return ErrSyntax
		case kind == executeRequest:
			r.Statement, err = d.statement(m.Nested())
		case kind == batchRequest:
			r.Steps, err = d.steps(m.Nested())
		case kind == describeRequest:
			r.ReadOnly, err = protobufReadOnly(m.Nested())
		}
		if err != nil {
			return err
		}
		present = true
	}
	if m.Err != nil || !present && (kind == executeRequest || kind == batchRequest || kind == describeRequest) {
		return ErrSyntax
	}
	if r.Statement != nil {
		r.Index = r.Statement.Index
	}
	return nil
}

// steps reads a BatchResult.
func (d *protobufReply) steps(m proto.Reader) ([]StepResult, error) {
	all := make([]StepResult, len(d.q.Steps))
	for m.Next() {
		if m.Wire != proto.Bytes || m.Num > 2 {
			continue
		}
		if err := d.step(m.Nested(), m.Num, all); err != nil {
			return nil, err
		}
	}
	if m.Err != nil {
		return nil, ErrSyntax
	}
	return all, nil
}

// step reads an entry of the map of results, the field 1, or of errors, the field 2.
func (d *protobufReply) step(entry proto.Reader, num uint64, all []StepResult) error {
	var key uint64
	var value proto.Reader
	present := false
	for entry.Next() {
		switch {
		case entry.Num == 1 && entry.Wire == proto.Varint:
			key = entry.Value
		case entry.Num == 2 && entry.Wire == proto.Bytes:
			value, present = entry.Nested(), true
		}
	}
	if entry.Err != nil || !present || key >= uint64(len(all)) || !all[key].Skipped() {
		return ErrSyntax
	}
	var err error
	if num == 1 {
		all[key].Statement, err = d.statement(value)
	} else {
		all[key].Err, err = protobufError(value)
	}
	return err
}

// protobufError reads an Error.
func protobufError(m proto.Reader) (*Error, error) {
	message, code, err := twoTexts(m)
	return &Error{message, code}, err
}

// twoTexts reads a message with texts in the fields 1 and 2. They are "" with an error.
func twoTexts(m proto.Reader) (first, second string, err error) {
	for m.Next() {
		switch {
		case m.Num == 1 && m.Wire == proto.Bytes:
			first = string(m.Bytes)
		case m.Num == 2 && m.Wire == proto.Bytes:
			second = string(m.Bytes)
		}
	}
	if m.Err != nil {
		return "", "", ErrSyntax
	}
	return first, second, nil
}

// protobufReadOnly reads a DescribeResult.
func protobufReadOnly(m proto.Reader) (readOnly bool, err error) {
	for m.Next() {
		if m.Num == 4 && m.Wire == proto.Varint {
			readOnly = m.Value != 0
		}
	}
	if m.Err != nil {
		return false, ErrSyntax
	}
	return readOnly, nil
}

// DecodeError implements [Codec].
func (protobufCodec) DecodeError(body []byte) (Error, error) {
	e, err := protobufError(proto.NewReader(body))
	return *e, err
}
