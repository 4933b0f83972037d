package engine

import (
	"database/sql/driver"
	"math"
)

// A RowReader is [Rows] whose values can be read one by one, into variables of the program,
// without a driver.Value for each.
type RowReader interface {
	Rows
	// NextRow goes to the next row as Next does.
	NextRow() error
	// Value returns the i-th value of the row, any number of times. Its Bytes belong to the rows:
	// they are valid until the next call of NextRow, Next or Close. It fails only if memory is short.
	Value(i int) (Value, error)
}

// A Value is a value of a row. The zero Value is NULL.
type Value struct {
	Class Class
	bits  uint64 // of an Integer or a Real
	// Bytes has a Text or a Blob. The caller doesn't change it.
	Bytes []byte
}

// A Class is SQLite's storage class of a value. https://sqlite.org/datatype3.html
type Class uint8

const (
	Null Class = iota
	Integer
	Real
	Text
	Blob
)

// IntegerValue returns a value of class Integer.
func IntegerValue(n int64) Value { return Value{Class: Integer, bits: uint64(n)} }

// RealValue returns a value of class Real.
func RealValue(f float64) Value { return Value{Class: Real, bits: math.Float64bits(f)} }

// TextValue returns a value of class Text.
func TextValue(text []byte) Value { return Value{Class: Text, Bytes: text} }

// BlobValue returns a value of class Blob.
func BlobValue(blob []byte) Value { return Value{Class: Blob, Bytes: blob} }

// Int64 returns an Integer.
func (v Value) Int64() int64 { return int64(v.bits) }

// Float64 returns a Real.
func (v Value) Float64() float64 { return math.Float64frombits(v.bits) }

// Copy returns the value as [Rows.Next] does: nil, int64, float64, string or []byte, owned by the caller.
func (v Value) Copy() driver.Value {
	switch v.Class {
	case Integer:
		return v.Int64()
	case Real:
		return v.Float64()
	case Text:
		return string(v.Bytes)
	case Blob:
		return v.CopyBytes()
	default:
		return nil
	}
}

// CopyBytes returns a copy of Bytes, which isn't nil.
func (v Value) CopyBytes() []byte { return append(make([]byte, 0, len(v.Bytes)), v.Bytes...) }

// AppendJSON appends s, which is UTF-8, as a JSON string.
func AppendJSON(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
