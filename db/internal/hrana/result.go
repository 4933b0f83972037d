package hrana

import (
	"slices"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxColumns is more than SQLite has. It bounds what a reply can make us set aside for
// each byte of it. https://sqlite.org/limits.html#max_column
const maxColumns = 32767

// A statementResult is what a statement gave. Its values are read when they are asked
// for, out of the reply.
type statementResult struct {
	data     []byte // the reply
	columns  []engine.Column
	values   []value
	rows     int
	affected int64
	lastID   int64
	hasID    bool
}

// statementResult reads one, or null.
func (s *scanner) statementResult() (*statementResult, error) {
	if s.literal("null") {
		return nil, nil
	}
	r := &statementResult{data: s.data}
	build := rowBuilder{result: r, width: -1}
	if err := s.object(func(key []byte) error { return build.field(s, key) }); err != nil {
		return nil, err
	}
	return r, build.finish()
}

// A rowBuilder reads a statement's result, field by field.
type rowBuilder struct {
	result *statementResult
	// width is how many values the first row has, -1 if there is none: the columns
	// may come after the rows.
	width int
	start int // where in the reply the first row is
}

func (b *rowBuilder) field(s *scanner, key []byte) (err error) {
	r := b.result
	switch string(key) {
	case "cols":
		r.columns, err = s.columns()
	case "rows":
		err = s.array(func() error { return b.row(s) })
	case "affected_row_count":
		r.affected, err = s.count()
	case "last_insert_rowid":
		r.lastID, r.hasID, err = s.rowID()
	default:
		err = s.skip()
	}
	return err
}

// row reads a row, which is as wide as all others.
func (b *rowBuilder) row(s *scanner) error {
	before := len(b.result.values)
	if b.result.rows == 0 {
		b.start = s.pos
		b.result.values = s.spare.takeValues()
	}
	if width := len(b.result.columns); cap(b.result.values)-before < width {
		b.result.values = slices.Grow(b.result.values, width+min(7*before, b.room(s)))
	}
	err := s.array(func() error {
		v, err := s.value()
		b.result.values = append(b.result.values, v)
		return err
	})
	if err != nil {
		return err
	}
	width := len(b.result.values) - before
	if b.width < 0 {
		b.width = width
	}
	if width != b.width {
		return errSyntax
	}
	b.result.rows++
	return nil
}

// room is about how many values may still come, if they are as long as those before.
func (b *rowBuilder) room(s *scanner) int {
	n := len(b.result.values)
	if n == 0 {
		return 0
	}
	each := max((s.pos-b.start)/n, 1)
	return (len(s.data) - s.pos) / each
}

func (b *rowBuilder) finish() error {
	if b.width >= 0 && b.width != len(b.result.columns) {
		return errSyntax
	}
	return nil
}

func (s *scanner) newColumns() ([]engine.Column, error) {
	var columns []engine.Column
	err := s.array(func() error {
		if len(columns) == maxColumns {
			return errSyntax
		}
		var c engine.Column
		err := s.object(func(key []byte) (err error) {
			switch string(key) {
			case "name":
				c.Name, err = s.optional()
			case "decltype":
				c.Declared, err = s.optional()
			default:
				err = s.skip()
			}
			return err
		})
		columns = append(columns, c)
		return err
	})
	return columns, err
}

func (s *scanner) bool() (bool, error) {
	switch {
	case s.literal("true"):
		return true, nil
	case s.literal("false"):
		return false, nil
	default:
		return false, errSyntax
	}
}

// count reads how many rows were changed.
func (s *scanner) count() (int64, error) {
	found, err := s.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(s.data[found.start:found.end]), 10, 64)
	if err != nil || n < 0 {
		return 0, errSyntax
	}
	return n, nil
}

// rowID reads a rowid, or null.
func (s *scanner) rowID() (id int64, has bool, err error) {
	if s.literal("null") {
		return 0, false, nil
	}
	found, err := s.text()
	if err != nil {
		return 0, false, err
	}
	id, err = strconv.ParseInt(string(s.data[found.start:found.end]), 10, 64)
	if err != nil {
		return 0, false, errSyntax
	}
	return id, true, nil
}
