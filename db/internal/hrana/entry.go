package hrana

import (
	"bufio"
	"bytes"
	"io"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// An entry is a line of a cursor.
type entry struct {
	kind    string // "end" after the last line
	columns []engine.Column
	// step is that of a step_begin or step_error, the others are a step_end's.
	step     int64
	affected int64
	lastID   int64
	hasID    bool
}

// entry reads a line. An error of the statement is an [*engine.Error].
func (r *cursorRows) entry() (entry, error) {
	var err error
	if r.holding {
		if len(r.held) == 0 {
			return entry{kind: "end"}, nil
		}
		r.line, r.held = r.held[0], r.held[1:]
	} else if r.line, err = r.readLine(); err == io.EOF {
		return entry{kind: "end"}, nil
	} else if err != nil {
		return entry{}, &sendError{true, err}
	}
	var e entry
	var failed *replyError
	e, r.values, failed, err = decodeEntry(r.line, r.values[:0])
	switch {
	case err != nil:
		return e, &sendError{true, err}
	case failed != nil:
		if failed.code == codeTxTimeout && r.conn.cursor == r {
			r.conn.drop()
		}
		return e, failed.translate(r.answer.key)
	default:
		return e, nil
	}
}

// decodeEntry reads an entry. Those of an unknown kind have no error.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#cursor-entries
func decodeEntry(line []byte, values []value) (e entry, _ []value, failed *replyError, err error) {
	s := &scanner{data: line}
	err = s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			e.kind, err = s.word()
		case "cols":
			e.columns, err = s.columns()
		case "row":
			err = s.array(func() error {
				if len(values) == maxColumns {
					return errSyntax
				}
				v, err := s.value()
				values = append(values, v)
				return err
			})
		case "step":
			e.step, err = s.count()
		case "affected_row_count":
			e.affected, err = s.count()
		case "last_insert_rowid":
			e.lastID, e.hasID, err = s.numericID()
		case "error":
			failed, err = s.replyError()
		default:
			err = s.skip()
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	isError := e.kind == "step_error" || e.kind == "error"
	if err == nil && (e.kind == "" || e.kind == "end" || isError != (failed != nil)) {
		err = errSyntax
	}
	return e, values, failed, err
}

// numericID reads a rowid as a cursor has it: sqld writes a number there, where the
// protocol has the text of one.
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
		return 0, false, errSyntax
	}
	return id, true, nil
}

// readLine reads a line, whose memory serves again for the next. io.EOF comes only
// between lines.
func (r *cursorRows) readLine() ([]byte, error) {
	line, err := r.reader.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	long := bytes.Clone(line)
	for err == bufio.ErrBufferFull {
		if len(long) > maxLine {
			return nil, errTooLong
		}
		line, err = r.reader.ReadSlice('\n')
		long = append(long, line...)
	}
	switch {
	case err == io.EOF && len(bytes.TrimSpace(long)) == 0:
		return nil, io.EOF
	case err == io.EOF:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, r.answer.life.cause(err)
	default:
		return long, nil
	}
}
