package wire

import (
	"database/sql/driver"
	"slices"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxColumns is SQLite's limit of columns. It bounds the memory that each byte of a reply can
// make the decoder allocate. https://sqlite.org/limits.html#max_column
const maxColumns = 32767

// A StatementResult is the result of a statement. It decodes rows when they are read.
type StatementResult struct {
	Columns []engine.Column
	// Affected is the number of rows that the statement changed.
	Affected int64
	// LastID is SQLite's last_insert_rowid() after the statement, valid if HasID is set.
	LastID int64
	HasID  bool
	// Index is the replication index after the statement, or 0 if it isn't known.
	Index uint64

	data   []byte // the reply
	values []Value
	rows   int
}

// Len returns the number of rows.
func (r *StatementResult) Len() int { return r.rows }

// Read decodes row i into dest, as [ReadRow] does.
func (r *StatementResult) Read(i int, dest []driver.Value) error {
	width := len(r.Columns)
	return ReadRow(dest, r.values[i*width:(i+1)*width], r.data)
}

// AppendRow decodes row i, and appends its values to row, as [AppendRow] does.
func (r *StatementResult) AppendRow(row []engine.Value, i int) ([]engine.Value, error) {
	width := len(r.Columns)
	return AppendRow(row, r.values[i*width:(i+1)*width], r.data)
}

// Append adds a row, which must have as many values as there are columns. The values have their
// places in data. Append copies data.
func (r *StatementResult) Append(data []byte, values []Value) {
	base := uint32(len(r.data))
	r.data = append(r.data, data...)
	for _, v := range values {
		if !v.inline() {
			v.text.start += base
			v.text.end += base
		}
		r.values = append(r.values, v)
	}
	r.rows++
}

// statementResult reads a result or null.
func (s *scanner) statementResult() (*StatementResult, error) {
	if s.literal("null") {
		return nil, nil
	}
	r := &StatementResult{data: s.data}
	build := rowBuilder{result: r, width: -1}
	if err := s.object(func(key []byte) error { return build.field(s, key) }); err != nil {
		return nil, err
	}
	return r, build.finish()
}

// A rowBuilder reads the fields of a statement's result.
type rowBuilder struct {
	result *StatementResult
	// width is the number of values in the first row, or -1 before it. The columns may follow
	// the rows.
	width int
	start int // the offset of the first row in the data
}

// field reads a field of the result, and skips any other.
func (b *rowBuilder) field(s *scanner, key []byte) (err error) {
	r := b.result
	switch string(key) {
	case "cols":
		r.Columns, err = s.columns()
	case "rows":
		err = s.array(func() error { return b.row(s) })
	case "affected_row_count":
		r.Affected, err = s.count()
	case "last_insert_rowid":
		r.LastID, r.HasID, err = s.rowID()
	case "replication_index":
		r.Index, err = s.index()
	default:
		err = s.skip()
	}
	return err
}

// row reads a row. All rows must have the same number of values.
func (b *rowBuilder) row(s *scanner) error {
	before := len(b.result.values)
	if b.result.rows == 0 {
		b.start = s.pos
	}
	if width := len(b.result.Columns); cap(b.result.values)-before < width {
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
		return ErrSyntax
	}
	b.result.rows++
	return nil
}

// room estimates the number of values in the rest of the data from the average length so far.
func (b *rowBuilder) room(s *scanner) int {
	n := len(b.result.values)
	if n == 0 {
		return 0
	}
	each := max((s.pos-b.start)/n, 1)
	return (len(s.data) - s.pos) / each
}

// finish checks that the rows have a value for each column.
func (b *rowBuilder) finish() error {
	if b.width >= 0 && b.width != len(b.result.Columns) {
		return ErrSyntax
	}
	return nil
}

// newColumns reads the columns of a statement.
func (s *scanner) newColumns() ([]engine.Column, error) {
	var columns []engine.Column
	err := s.array(func() error {
		if len(columns) == maxColumns {
			return ErrSyntax
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

// bool reads true or false.
func (s *scanner) bool() (bool, error) {
	switch {
	case s.literal("true"):
		return true, nil
	case s.literal("false"):
		return false, nil
	default:
		return false, ErrSyntax
	}
}

// count reads an integer that isn't negative.
func (s *scanner) count() (int64, error) {
	found, err := s.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(s.data[found.start:found.end]), 10, 64)
	if err != nil || n < 0 {
		return 0, ErrSyntax
	}
	return n, nil
}

// rowID reads a rowid as a string, or null.
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
		return 0, false, ErrSyntax
	}
	return id, true, nil
}

// index reads a replication index as a string, a number or null.
func (s *scanner) index() (uint64, error) {
	id, _, err := s.numericID()
	if err != nil || id < 0 {
		return 0, ErrSyntax
	}
	return uint64(id), nil
}
