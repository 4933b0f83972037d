package proto

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

// TestBegin nests messages of all lengths of a length.
func TestBegin(t *testing.T) {
	for _, n := range []int{0, 1, 100, 127, 128, 1000, 16_383, 16_384, 1 << 21} {
		inner := AppendBytes(nil, 4, bytes.Repeat([]byte("x"), n))
		want := AppendVarint(AppendBytes(AppendVarint(nil, 1, 7), 2, AppendBytes(nil, 3, inner)), 5, 8)
		b, outer := Begin(AppendVarint(nil, 1, 7), 2)
		b, middle := Begin(b, 3)
		b = AppendBytes(b, 4, bytes.Repeat([]byte("x"), n))
		b = AppendVarint(End(End(b, middle), outer), 5, 8)
		if !bytes.Equal(b, want) {
			t.Errorf("%d bytes: %d bytes with Begin, %d without", n, len(b), len(want))
		}
	}
}

// TestReader reads all wire types, and fields of a nested message by their offsets.
func TestReader(t *testing.T) {
	message := AppendVarint(nil, 1, math.MaxUint64)
	message = append(message, 2<<3|Fixed64, 1, 0, 0, 0, 0, 0, 0, 2)
	message = append(message, 3<<3|fixed32, 1, 2, 3, 4)
	message = AppendBytes(message, 4, AppendBytes(nil, 1, "inner"))
	r := NewReader(message)
	if !r.Next() || r.Num != 1 || r.Value != math.MaxUint64 || !r.Next() || r.Num != 2 || r.Value != 2<<56|1 || !r.Next() || len(r.Bytes) != 4 || !r.Next() {
		t.Fatalf("got %+v", r)
	}
	inner := r.Nested()
	if !inner.Next() || string(inner.Bytes) != "inner" || string(message[inner.Start:inner.Pos]) != "inner" || inner.Next() || inner.Err != nil {
		t.Errorf("the inner message is %+v", inner)
	}
	if r.Next() || r.Err != nil {
		t.Errorf("after the last field: %+v", r)
	}
	for _, bad := range [][]byte{{0x80}, {8}, {8, 0x80}, {0}, {1<<3 | 3}, {1<<3 | 2, 5, 1}, {1<<3 | 1, 1}, bytes.Repeat([]byte{0xff}, 11)} {
		if err := Each(bad, func(Field) {}); err != ErrSyntax {
			t.Errorf("%x: %v", bad, err)
		}
	}
}

// FuzzReader reads any bytes: offsets and fields agree.
func FuzzReader(f *testing.F) {
	f.Add(AppendBytes(AppendVarint(nil, 1, 300), 2, AppendBytes(nil, 1, "x")))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(data)
		for r.Next() {
			if r.Wire == Bytes && !bytes.Equal(data[r.Start:r.Pos], r.Bytes) {
				t.Fatalf("the field %d is %x, and %x by its offsets", r.Num, r.Bytes, data[r.Start:r.Pos])
			}
			if inner := r.Nested(); r.Wire == Bytes {
				for inner.Next() {
				}
				if inner.Pos > r.Pos {
					t.Fatalf("the inner message is read up to %d of %d", inner.Pos, r.Pos)
				}
			}
		}
	})
}

// FuzzReadDelimited splits any body, which arrives at once or byte by byte, and compares with a splitter
// that has all of it in memory.
func FuzzReadDelimited(f *testing.F) {
	f.Add([]byte("\x02ab\x00\x01x"))
	f.Add(append([]byte{200, 1}, make([]byte, 200)...)) // more than the buffer
	f.Add(bytes.Repeat([]byte{0xff}, 12))
	f.Add(bytes.Repeat([]byte{0x80}, binary.MaxVarintLen64))
	f.Add([]byte{0x80, 0x80, 0x04})
	f.Add([]byte{5, 1, 2})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, source := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body))} {
			r, rest := bufio.NewReaderSize(source, 16), body
			for {
				want, after, wantErr := split(rest)
				got, err := ReadDelimited(r, limit)
				if err != wantErr || !bytes.Equal(got, want) {
					t.Fatalf("got %q, %v; want %q, %v", got, err, want, wantErr)
				}
				if err != nil {
					break
				}
				rest = after
			}
		}
	})
}

// limit is the longest message.
const limit = 300

// split returns the first message of a body, and the rest.
func split(body []byte) (first, rest []byte, err error) {
	length, n := binary.Uvarint(body)
	switch {
	case len(body) == 0:
		return nil, nil, io.EOF
	case n < 0, n == 0 && len(body) >= binary.MaxVarintLen64:
		return nil, nil, ErrSyntax
	case n == 0:
		return nil, nil, io.ErrUnexpectedEOF
	case length > limit:
		return nil, nil, ErrTooLong
	case length > uint64(len(body)-n):
		return nil, nil, io.ErrUnexpectedEOF
	}
	return body[n:][:length], body[n:][length:], nil
}
