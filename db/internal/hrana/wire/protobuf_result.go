package wire

import (
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/proto"
)

// statement reads a StmtResult.
func (d *protobufReply) statement(m proto.Reader) (*StatementResult, error) {
	r := d.newResult()
	rows := m.Pos
	width := -1 // values of a row
	for m.More() {
		if beginsColumn(m.Rest(), 1) {
			if r.Columns != nil {
				return nil, ErrSyntax
			}
			var err error
			if r.Columns, err = protobufColumns(&m, 1, d.cache); err != nil {
				return nil, err
			}
			rows = m.Pos
			continue
		}
		if !m.Next() {
			break
		}
		switch {
		case m.Num == 2 && m.Wire == proto.Bytes:
			d.makeRoom(r, m.Pos-rows, len(m.Rest()))
			before := len(r.values)
			var err error
			if r.values, err = appendRow(r.values, m.Nested()); err != nil {
				return nil, err
			}
			if width < 0 {
				width = len(r.values)
			}
			if len(r.values)-before != width {
				return nil, ErrSyntax
			}
			r.rows++
		case m.Num == 3 && m.Wire == proto.Varint:
			r.Affected = int64(m.Value)
		case m.Num == 4 && m.Wire == proto.Varint:
			r.LastID, r.HasID = unzigzag(m.Value), true
		case m.Num == 5 && m.Wire == proto.Varint:
			r.Index = m.Value
		}
	}
	if m.Err != nil || r.Affected < 0 || width >= 0 && width != len(r.Columns) {
		return nil, ErrSyntax
	}
	r.data = m.Data()
	if width >= 0 {
		d.values = r.values[len(r.values):]
		r.values = r.values[:len(r.values):len(r.values)]
	}
	return r, nil
}

// newResult returns memory for a result. The results of a batch share an array.
func (d *protobufReply) newResult() *StatementResult {
	if len(d.results) == 0 {
		d.results = make([]StatementResult, min(max(len(d.q.Steps), 1), 64))
	}
	r := &d.results[0]
	d.results = d.results[1:]
	return r
}

// makeRoom gives a result memory for its next row. The first rows of a batch share an array. Later rows are taken
// to have the average length of the result's rows so far. This row has size bytes; rest bytes are behind it.
func (d *protobufReply) makeRoom(r *StatementResult, size, rest int) {
	width := len(r.Columns)
	if r.rows == 0 {
		if width > cap(d.values) {
			d.values = make([]Value, 0, max(width, min(len(d.q.Steps)*width, 512)))
		}
		r.values = d.values
		return
	}
	if width <= cap(r.values)-len(r.values) {
		return
	}
	more := rest / max(size/(r.rows+1), 1) * width
	r.values = slices.Grow(r.values, width+min(more, rest/minValue))
}

// minValue is the least number of bytes that a value takes in a row.
const minValue = 4

// appendRow reads a Row.
func appendRow(values []Value, m proto.Reader) ([]Value, error) {
	for m.Next() {
		if m.Num != 1 || m.Wire != proto.Bytes {
			continue
		}
		v, ok := protobufValue(m.Nested())
		if !ok {
			return values, ErrSyntax
		}
		values = append(values, v)
	}
	if m.Err != nil {
		return values, ErrSyntax
	}
	return values, nil
}

// protobufValue reads a Value. ok is false for none, and for more than one.
func protobufValue(m proto.Reader) (v Value, ok bool) {
	for m.Next() {
		if v.kind != kindNone {
			return v, false
		}
		switch {
		case m.Num == 1 && m.Wire == proto.Bytes:
			v.kind = kindNull
		case m.Num == 2 && m.Wire == proto.Varint:
			v = inlineValue(kindInt64, uint64(unzigzag(m.Value)))
		case m.Num == 3 && m.Wire == proto.Fixed64:
			v = inlineValue(kindFloat64, m.Value)
		case m.Num == 4 && m.Wire == proto.Bytes:
			v = Value{span{start: uint32(m.Start), end: uint32(m.Pos)}, kindRawText}
		case m.Num == 5 && m.Wire == proto.Bytes:
			v = Value{span{start: uint32(m.Start), end: uint32(m.Pos)}, kindRawBlob}
		}
	}
	return v, m.Err == nil && v.kind != kindNone
}

func inlineValue(kind byte, bits uint64) Value {
	return Value{span{start: uint32(bits), end: uint32(bits >> 32)}, kind}
}

// unzigzag decodes a sint64.
func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

// beginsColumn reports whether the next field is a Col, in the field num.
func beginsColumn(rest []byte, num byte) bool {
	return len(rest) > 0 && rest[0] == num<<3|proto.Bytes
}

// protobufColumns reads the columns of a statement, which follow each other, from the cache if it has them.
func protobufColumns(m *proto.Reader, num byte, cache *ColumnCache) ([]engine.Column, error) {
	rest := m.Rest()
	if cache != nil {
		n := len(cache.last.text)
		if n > 0 && n <= len(rest) && string(rest[:n]) == cache.last.text && !beginsColumn(rest[n:], num) {
			m.Skip(n)
			return cache.last.columns, nil
		}
	}
	columns := []engine.Column{}
	for beginsColumn(m.Rest(), num) && m.Next() {
		if len(columns) == maxColumns {
			return nil, ErrSyntax
		}
		name, declared, err := twoTexts(m.Nested())
		if err != nil {
			return nil, err
		}
		columns = append(columns, engine.Column{Name: name, Declared: declared})
	}
	if m.Err != nil {
		return nil, ErrSyntax
	}
	if text := rest[:len(rest)-len(m.Rest())]; cache != nil && len(text) <= maxCachedText {
		cache.add(&cachedColumns{string(text), columns})
	}
	return columns, nil
}
