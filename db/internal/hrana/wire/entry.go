package wire

import (
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// An Entry is a part of a cursor response after the first. Its fields depend on its kind; a kind that
// isn't listed here must be ignored.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#cursor-entries
type Entry struct {
	// Kind is "step_begin", "row", "step_end", "step_error", "error" or "replication_index".
	Kind string
	// Step is the index of the step, for step_begin and step_error.
	Step int64
	// Columns belong to step_begin.
	Columns []engine.Column
	// Values are the places of a row's values in the data of the entry.
	Values []Value
	// Affected, LastID and HasID belong to step_end. [StatementResult] describes them.
	Affected int64
	LastID   int64
	HasID    bool
	// Index belongs to replication_index, the last entry: the index after the batch.
	Index uint64
	// Err belongs to step_error and error. For other kinds it is nil.
	Err *Error
}

// DecodeEntry implements [Codec].
func (jsonCodec) DecodeEntry(line []byte, e *Entry) error {
	*e = Entry{Values: e.Values[:0]}
	s := &scanner{data: line}
	err := s.object(func(key []byte) error { return e.field(s, key) })
	if err == nil {
		err = s.end()
	}
	if err == nil && e.Kind == "" {
		err = ErrSyntax
	}
	if err == nil {
		err = e.check()
	}
	return err
}

// check checks that only an error has an error.
func (e *Entry) check() error {
	isError := e.Kind == "step_error" || e.Kind == "error"
	if isError != (e.Err != nil) {
		return ErrSyntax
	}
	return nil
}

// field reads a field of the entry, and skips any other.
func (e *Entry) field(s *scanner, key []byte) (err error) {
	switch string(key) {
	case "type":
		e.Kind, err = s.word()
	case "cols":
		e.Columns, err = s.columns()
	case "row":
		err = s.array(func() error {
			if len(e.Values) == maxColumns {
				return ErrSyntax
			}
			v, err := s.value()
			e.Values = append(e.Values, v)
			return err
		})
	case "step":
		e.Step, err = s.count()
	case "affected_row_count":
		e.Affected, err = s.count()
	case "last_insert_rowid":
		e.LastID, e.HasID, err = s.numericID()
	case "replication_index":
		e.Index, err = s.index()
	case "error":
		e.Err, err = s.replyError()
	default:
		err = s.skip()
	}
	return err
}

// numericID reads a rowid of an entry. sqld sends a number, although the protocol has a string.
func (s *scanner) numericID() (id int64, has bool, err error) {
	if c := s.peek(); c == '"' || c == 'n' {
		return s.rowID()
	}
	found, err := s.number()
	if err != nil {
		return 0, false, err
	}
	id, err = strconv.ParseInt(string(s.data[found.start:found.end]), 10, 64)
	if err != nil {
		return 0, false, ErrSyntax
	}
	return id, true, nil
}
