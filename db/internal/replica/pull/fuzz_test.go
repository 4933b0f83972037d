package pull

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// FuzzMessages splits any body, which arrives at once or byte by byte, and compares with a splitter
// that has all of it in memory.
func FuzzMessages(f *testing.F) {
	f.Add(slices.Concat(message(head("7", 1)), page(1)))
	f.Add(slices.Concat(message(), message([]byte("x"))))
	f.Add(bytes.Repeat([]byte{0xff}, 12))
	f.Add(bytes.Repeat([]byte{0x80}, binary.MaxVarintLen64))
	f.Add([]byte{0x80, 0x80, 0x04})
	f.Add([]byte{5, 1, 2})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, source := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body))} {
			m, rest := newMessages(source), body
			for {
				want, after, wantErr := split(rest)
				got, err := m.next()
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

// split returns the first message of a body, and the rest.
func split(body []byte) (first, rest []byte, err error) {
	length, n := binary.Uvarint(body)
	switch {
	case len(body) == 0:
		return nil, nil, io.EOF
	case n < 0, n == 0 && len(body) >= binary.MaxVarintLen64:
		return nil, nil, errLength
	case n == 0:
		return nil, nil, io.ErrUnexpectedEOF
	case length > maxMessage:
		return nil, nil, errLong
	case length > uint64(len(body)-n):
		return nil, nil, io.ErrUnexpectedEOF
	}
	return body[n:][:length], body[n:][length:], nil
}

// FuzzAnswer reads any answer by HTTP. An answer without an error has each page that the replica doesn't
// have, and a revision that can be kept and sent.
func FuzzAnswer(f *testing.F) {
	var mu sync.Mutex
	var answer []byte
	c := newClient(f, call.Config{URL: serve(f, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Write(answer)
	})})
	f.Add(slices.Concat(message(head("7", 2)), page(1), page(2)), "", uint32(0))
	f.Add(slices.Concat(message(head("8", 2)), page(2)), "7", uint32(1))
	f.Add(message(head("7", 2)), "7", uint32(2))
	f.Add(message(head("6", 2)), "7", uint32(2))
	f.Fuzz(func(t *testing.T, body []byte, revision string, size uint32) {
		if revision != Whole && !validRevision.MatchString(revision) {
			return
		}
		mu.Lock()
		answer = body
		mu.Unlock()
		a, numbers, err := collect(t.Context(), c, revision, size)
		if err != nil {
			var own *engine.Error
			if !errors.As(err, &own) || own.Kind == nil || own.Message != engine.OneLine(own.Message) {
				t.Errorf("got %v (%T)", err, err)
			}
			return
		}
		if !validRevision.MatchString(a.Revision) || revision == Whole && !a.Whole {
			t.Errorf("got %+v", a)
		}
		from := size
		if a.Whole {
			from = 0
		}
		got := map[uint32]bool{lockPage: true}
		for _, number := range numbers {
			got[number] = true
			if number == 0 || number > a.Size {
				t.Errorf("page %d of %d", number, a.Size)
			}
		}
		for number := from; number < a.Size; number++ {
			if !got[number+1] {
				t.Fatalf("page %d of %d is missing", number+1, a.Size)
			}
		}
	})
}
