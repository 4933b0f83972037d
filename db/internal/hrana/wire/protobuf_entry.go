package wire

import "github.com/duolite/duolite/db/internal/proto"

// DecodeStream implements [Codec].
func (protobufCodec) DecodeStream(data []byte) (StreamState, error) {
	baton, baseURL, err := twoTexts(proto.NewReader(data))
	return StreamState{baton, baseURL}, err
}

// entryKinds are the kinds of entries, by their fields in CursorEntry.
var entryKinds = [...]string{1: "step_begin", "step_end", "step_error", "row", "error", "replication_index"}

// DecodeEntry implements [Codec]. The entry is empty for a kind that isn't known, and for a replication index
// that the server doesn't have.
func (protobufCodec) DecodeEntry(data []byte, e *Entry) error {
	*e = Entry{Values: e.Values[:0]}
	m := proto.NewReader(data)
	for m.Next() {
		if m.Wire != proto.Bytes || m.Num >= uint64(len(entryKinds)) {
			continue
		}
		if e.Kind != "" {
			return ErrSyntax
		}
		e.Kind = entryKinds[m.Num]
		if err := e.protobufFields(m.Nested()); err != nil {
			return err
		}
	}
	if m.Err != nil {
		return ErrSyntax
	}
	return e.check()
}

// protobufFields reads the fields of an entry of the kind e.Kind.
func (e *Entry) protobufFields(m proto.Reader) (err error) {
	switch e.Kind {
	case "row":
		if e.Values, err = appendRow(e.Values, m); err == nil && len(e.Values) > maxColumns {
			err = ErrSyntax
		}
		return err
	case "error":
		e.Err, err = protobufError(m)
		return err
	}
	for m.More() {
		if e.Kind == "step_begin" && beginsColumn(m.Rest(), 2) {
			if e.Columns != nil {
				return ErrSyntax
			}
			if e.Columns, err = protobufColumns(&m, 2, nil); err != nil {
				return err
			}
			continue
		}
		if !m.Next() {
			break
		}
		switch {
		case m.Num == 1 && m.Wire == proto.Varint:
			err = e.protobufNumber(m.Value)
		case e.Kind == "step_end" && m.Num == 2 && m.Wire == proto.Varint:
			e.LastID, e.HasID = unzigzag(m.Value), true
		case e.Kind == "step_error" && m.Num == 2 && m.Wire == proto.Bytes:
			e.Err, err = protobufError(m.Nested())
		}
		if err != nil {
			return err
		}
	}
	if m.Err != nil {
		return ErrSyntax
	}
	return nil
}

// protobufNumber stores the field 1 of an entry: a step, affected rows or an index.
func (e *Entry) protobufNumber(n uint64) error {
	switch e.Kind {
	case "step_begin", "step_error":
		e.Step = int64(n)
	case "step_end":
		e.Affected = int64(n)
	case "replication_index":
		e.Index = n
	}
	if e.Step < 0 || e.Affected < 0 {
		return ErrSyntax
	}
	return nil
}
