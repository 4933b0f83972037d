package walog

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/proto"
)

// TestHostileMessages has answers that no server sends.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	flagged := func(flags byte, payload string) []byte {
		b := message([]byte(payload))
		b[0] = flags
		return b
	}
	long := binary.BigEndian.AppendUint32([]byte{0}, math.MaxUint32)
	whole := frameData(0, 1, 1)
	for name, body := range map[string][]byte{
		"compressed":                   flagged(1, "x"),
		"a compressed trailer":         flagged(0x81, "grpc-status:0\r\n"),
		"an unknown flag":              flagged(2, "x"),
		"a long message":               long,
		"a message longer than fits":   message(make([]byte, maxMessage+1)),
		"a long trailer":               flagged(flagTrailer, string(make([]byte, maxMessage+1))),
		"an empty trailer":             flagged(flagTrailer, ""),
		"a trailer without a status":   flagged(flagTrailer, "grpc-message:x\r\n"),
		"a trailer with another word":  flagged(flagTrailer, "grpc-status:zero\r\n"),
		"a trailer with no number":     flagged(flagTrailer, "grpc-status:\r\n"),
		"a trailer with minus":         flagged(flagTrailer, "grpc-status:-1\r\n"),
		"a trailer with a large code":  flagged(flagTrailer, "grpc-status:99999999999\r\n"),
		"a trailer without lines":      flagged(flagTrailer, "\x00\xff"),
		"an empty message":             message(nil),
		"no data":                      message(varintField(2, 5)),
		"data of another type":         message(varintField(1, 5)),
		"short data":                   message(bytesField(1, whole[1:])),
		"long data":                    message(bytesField(1, append(slices.Clone(whole), 0))),
		"no page":                      message(bytesField(1, whole[:headerSize])),
		"page 0":                       frame(0, 0, 1),
		"a field number 0":             message(append(bytesField(1, whole), bytesField(0, nil)...)),
		"a large field number":         message(append(bytesField(1, whole), varintField((1<<29-1)+1, 1)...)),
		"a group":                      message(append(bytesField(1, whole), 3<<3|3, 3<<3|4)),
		"an unknown wire type":         message(append(bytesField(1, whole), 3<<3|7)),
		"a cut key":                    message(append(bytesField(1, whole), 0x80)),
		"a cut value":                  message(append(bytesField(1, whole), 2<<3, 0x80)),
		"a value of 65 bits":           message(append(bytesField(1, whole), append([]byte{2 << 3}, append(bytes.Repeat([]byte{0xff}, 9), 2)...)...)),
		"a value of 11 bytes":          message(append(bytesField(1, whole), append([]byte{2 << 3}, append(bytes.Repeat([]byte{0x80}, 10), 1)...)...)),
		"a length beyond the message":  message(append(bytesField(1, whole), 9<<3|proto.Bytes, 1)),
		"a length of 64 bits":          message(append(bytesField(1, whole), append([]byte{9<<3 | proto.Bytes}, append(bytes.Repeat([]byte{0xff}, 9), 1)...)...)),
		"a cut fixed field":            message(append(bytesField(1, whole), 9<<3|1, 1, 2, 3, 4)),
		"a Hello in place of a frame":  hello(),
		"a frame in place of the data": frame(1, 1, 1)[prefixSize:],
	} {
		for method, call := range calls {
			if method == "Hello" && body[0] == 0 && len(body) < maxMessage && !bytes.Equal(body, long) {
				continue
			}
			checkError(t, method+": "+name, call(answering(t, body), t.Context()), ErrMalformed)
		}
	}
}

func TestHostileHello(t *testing.T) {
	t.Parallel()
	ok := trailer(0, "")
	log, token := bytesField(3, []byte("log")), bytesField(4, []byte("token"))
	for name, body := range map[string][]byte{
		"no message":              ok,
		"two messages":            slices.Concat(hello(), hello(), ok),
		"an empty message":        slices.Concat(message(nil), ok),
		"no log":                  slices.Concat(message(token), ok),
		"no token":                slices.Concat(message(log), ok),
		"a token with a line end": slices.Concat(message(slices.Concat(log, bytesField(4, []byte("a\r\nX: y")))), ok),
		"a token with a space":    slices.Concat(message(slices.Concat(log, bytesField(4, []byte("a b")))), ok),
		"a token of bytes":        slices.Concat(message(slices.Concat(log, bytesField(4, []byte{0xff}))), ok),
		"a long log":              slices.Concat(message(slices.Concat(bytesField(3, make([]byte, 300)), token)), ok),
		"a log on two lines":      slices.Concat(message(slices.Concat(bytesField(3, []byte("a\n")), token)), ok),
		"a damaged message":       slices.Concat(hello([]byte{0x80}), ok),
		"a frame":                 slices.Concat(frame(0, 1, 1), ok),
	} {
		_, err := answering(t, body).Hello(t.Context())
		checkError(t, name, err, ErrMalformed)
	}
}

// TestUnknownFields has a message of a later version, and one whose fields come in another order.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	unknown := slices.Concat(
		varintField(1, 7), // the number of a known field, of another type
		varintField(19, math.MaxUint64), bytesField((1<<29-1), []byte("x")), bytesField(20, nil),
		append([]byte{9<<3 | 1}, make([]byte, 8)...), append([]byte{9<<3 | 5}, make([]byte, 4)...))
	sent := message(slices.Concat(unknown, varintField(2, 5), bytesField(1, frameData(8, 1, 1)), varintField(3, 6), unknown,
		varintField(2, 1_764_000_000_123), bytesField(1, frameData(0, 3, 2)))) // the last one counts
	frames, err := collect(answering(t, sent).Entries(t.Context(), session(), 0, 1))
	if err != nil || len(frames) != 1 {
		t.Fatal(frames, err)
	}
	f := frames[0]
	if f.No != 0 || f.Page != 3 || f.SizeAfter != 2 || !f.CommitTime.Equal(time.UnixMilli(1_764_000_000_123)) || f.CommitTime.Location() != time.UTC {
		t.Errorf("got %+v", f)
	}
	config := slices.Concat(varintField(1, 1), varintField(2, 1), bytesField(3, []byte("too\nlarge")), bytesField(7, []byte("key")))
	s, err := answering(t, slices.Concat(hello(unknown, varintField(5, 41), bytesField(6, config), bytesField(6, unknown)), trailer(0, ""))).Hello(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.token = nil
	if want := (Session{LogID: "log", Next: 42}); *s != want {
		t.Errorf("got %+v", *s)
	}
	s, err = answering(t, slices.Concat(hello(varintField(5, 0)), trailer(0, ""))).Hello(t.Context())
	if err != nil || s.Next != 1 {
		t.Errorf("index 0: %+v, %v", s, err)
	}
	s, err = answering(t, slices.Concat(hello(varintField(5, math.MaxUint64)), trailer(0, ""))).Hello(t.Context())
	if err != nil || s.Next != math.MaxUint64 {
		t.Errorf("the largest index: %+v, %v", s, err)
	}
}
