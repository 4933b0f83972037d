package walog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/duolite/duolite/db/internal/engine"
)

// FuzzMessages splits any body, which arrives at once or byte by byte, and compares with a splitter
// that has all of it in memory.
func FuzzMessages(f *testing.F) {
	f.Add(vector(f, "hello.bin"))
	f.Add(vector(f, "entries.bin"))
	f.Add(vector(f, "snapshot.bin"))
	f.Add(trailer(9, "NEED_SNAPSHOT"))
	f.Add(slices.Concat(message(nil), message([]byte("x")), trailer(0, ""), []byte("rest")))
	f.Add([]byte{1, 0, 0, 0, 0})
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte("\x80\x00\x00\x00\x04a:b\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, source := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body))} {
			m := newMessages(source)
			rest := body
			for {
				want, after, wantErr := split(rest)
				got, err := m.next()
				var s *status
				switch {
				case errors.As(err, &s):
					if wantErr != errTrailer || s.code == 0 {
						t.Fatalf("got status %d, want %v", s.code, wantErr)
					}
					return
				case err != wantErr && !(err == io.EOF && wantErr == errTrailer):
					t.Fatalf("got %v, want %v", err, wantErr)
				case err != nil:
					return
				case !bytes.Equal(got, want):
					t.Fatalf("got %q, want %q", got, want)
				}
				_, _, nextErr := split(after)
				if m.more() && nextErr == io.ErrUnexpectedEOF {
					t.Fatal("a message that isn't whole has arrived")
				}
				rest = after
			}
		}
	})
}

// split returns the first message of a body, and the rest. The error of any trailer is errTrailer.
func split(body []byte) (first, rest []byte, err error) {
	if len(body) < prefixSize {
		return nil, nil, io.ErrUnexpectedEOF
	}
	if body[0]&^flagTrailer != 0 {
		return nil, nil, errFlags
	}
	length := uint64(binary.BigEndian.Uint32(body[1:]))
	if length > maxMessage {
		return nil, nil, errLong
	}
	if uint64(len(body)-prefixSize) < length {
		return nil, nil, io.ErrUnexpectedEOF
	}
	if body[0] == flagTrailer {
		return nil, nil, errTrailer
	}
	return body[prefixSize:][:length], body[prefixSize+length:], nil
}

// FuzzFrame reads any message as a frame. A frame that is read has its page in the message, and
// remains the same with an unknown field.
func FuzzFrame(f *testing.F) {
	f.Add(frame(7, 3, 4)[prefixSize:])
	f.Add(vector(f, "entries.bin")[prefixSize : prefixSize+headerSize+PageSize+3])
	f.Add([]byte{})
	f.Add(varintField(2, 1))
	f.Add(bytes.Repeat([]byte{0xff}, 20))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, again Frame
		if err := got.decode(data); err != nil {
			return
		}
		at := bytes.Index(data, got.Data)
		if at < headerSize || len(got.Data) != PageSize || got.Page == 0 {
			t.Fatalf("frame %d of page %d has %d bytes", got.No, got.Page, len(got.Data))
		}
		if err := again.decode(slices.Concat(data, bytesField(1000, data))); err != nil || again.No != got.No || again.Checksum != got.Checksum ||
			again.Page != got.Page || again.SizeAfter != got.SizeAfter || again.CommitTime != got.CommitTime || !bytes.Equal(again.Data, got.Data) {
			t.Fatalf("with an unknown field: %v", err)
		}
		if err := again.decode(slices.Concat(data, bytesField(1, nil))); err != errFrameSize {
			t.Fatalf("with other data: %v", err)
		}
	})
}

// FuzzHello reads any message as a HelloResponse.
func FuzzHello(f *testing.F) {
	whole := vector(f, "hello.bin")
	f.Add(whole[prefixSize : prefixSize+int(whole[4])])
	f.Add(hello(varintField(5, 3), bytesField(6, slices.Concat(varintField(1, 1), bytesField(3, []byte("why")))))[prefixSize:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Session
		if s.decode(data) != nil {
			return
		}
		header := http.Header{"X": {string(*s.token)}}
		var out strings.Builder
		if err := header.Write(&out); err != nil || out.String() != "X: "+string(*s.token)+"\r\n" {
			t.Errorf("the token can't be sent: %q", out.String())
		}
		if s.LogID == "" || s.LogID != engine.OneLine(s.LogID) {
			t.Errorf("got %+v", s)
		}
	})
}

// FuzzAnswer reads any answer by HTTP. The numbers of the frames are in order, and an answer that
// ends well has a commit frame at its end.
func FuzzAnswer(f *testing.F) {
	var mu sync.Mutex
	var answer []byte
	c := newClient(f, Config{URL: serve(f, func(w http.ResponseWriter, _ *http.Request, _ string) {
		mu.Lock()
		defer mu.Unlock()
		w.Write(answer)
	})})
	f.Add(vector(f, "hello.bin"), uint64(0))
	f.Add(vector(f, "entries.bin"), uint64(3))
	f.Add(vector(f, "snapshot.bin"), uint64(1))
	f.Add(slices.Concat(frame(0, 1, 0), trailer(9, "NEED_SNAPSHOT")), uint64(1))
	f.Fuzz(func(t *testing.T, data []byte, end uint64) {
		mu.Lock()
		answer = data
		mu.Unlock()
		if s, err := c.Hello(t.Context()); (s == nil) == (err == nil) {
			t.Errorf("got %v, %v", s, err)
		}
		frames, err := collect(c.Entries(t.Context(), session(), 0, end))
		for i, frame := range frames {
			if frame.No != uint64(i) || len(frame.Data) != PageSize || frame.Commit() && frame.No+1 >= end && i < len(frames)-1 {
				t.Errorf("frame %d has the number %d", i, frame.No)
			}
		}
		if err == nil && end > 0 && (uint64(len(frames)) < end || !frames[len(frames)-1].Commit()) {
			t.Errorf("%d frames to the end %d", len(frames), end)
		}
		frames, err = collect(c.Snapshot(t.Context(), session(), 0))
		for i, frame := range frames {
			if i > 0 && frame.No >= frames[i-1].No || frame.Commit() && i < len(frames)-1 {
				t.Errorf("frame %d of the snapshot has the number %d", i, frame.No)
			}
		}
		if err == nil && !frames[len(frames)-1].Commit() {
			t.Error("the snapshot has no end")
		}
	})
}
