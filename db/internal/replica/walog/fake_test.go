package walog

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// canary is a token that no error may show.
const canary = "eyJhbGciOiJFZERTQSJ9.canary"

func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// A handler answers a request for a method of the protocol.
type handler func(w http.ResponseWriter, r *http.Request, method string)

// serve starts a server that answers as the handler does, in gRPC-web. It returns the URL.
func serve(t testing.TB, answer handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, ok := strings.CutPrefix(r.URL.Path, "/wal_log.ReplicationLog/")
		if !ok || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/grpc-web+proto" {
			t.Errorf("got %s %s, %v", r.Method, r.URL, r.Header)
		}
		w.Header().Set("Content-Type", "application/grpc-web+proto")
		answer(w, r, method)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func newClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Transport{}
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// answering returns the client of a server that answers every request with the parts.
func answering(t testing.TB, parts ...[]byte) *Client {
	t.Helper()
	return newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Write(slices.Concat(parts...))
	})})
}

// message puts the prefix of gRPC-web before a message.
func message(payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(payload))), payload...)
}

// trailer returns a trailer as the server writes it.
func trailer(code int, text string) []byte {
	lines := fmt.Sprintf("grpc-status:%d\r\n", code)
	if text != "" {
		lines += "grpc-message:" + url.PathEscape(text) + "\r\n"
	}
	b := message([]byte(lines))
	b[0] = flagTrailer
	return b
}

// bytesField returns a field of the wire type proto.Bytes.
func bytesField(num uint64, content []byte) []byte {
	b := binary.AppendUvarint(nil, num<<3|proto.Bytes)
	return append(binary.AppendUvarint(b, uint64(len(content))), content...)
}

func varintField(num, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, num<<3|proto.Varint), value)
}

// frameData returns a frame's header and its page, which is filled with the number of the frame.
func frameData(no uint64, page, sizeAfter uint32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, no)
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint32(b, page)
	b = binary.LittleEndian.AppendUint32(b, sizeAfter)
	return append(b, slices.Repeat([]byte{byte(no)}, PageSize)...)
}

// frame returns the message of a frame.
func frame(no uint64, page, sizeAfter uint32) []byte {
	return message(bytesField(1, frameData(no, page, sizeAfter)))
}

// hello returns the message of a HelloResponse.
func hello(parts ...[]byte) []byte {
	head := slices.Concat(bytesField(3, []byte("log")), bytesField(4, []byte("session")))
	return message(append(head, slices.Concat(parts...)...))
}

// session is a session as the fake server opens it.
func session() *Session {
	token := call.Secret("session")
	return &Session{LogID: "log", token: &token}
}

// collect returns copies of the frames, and the error that follows them.
func collect(frames iter.Seq2[*Frame, error]) (all []Frame, err error) {
	for f, err := range frames {
		if err != nil {
			return all, err
		}
		copied := *f
		copied.Data = slices.Clone(f.Data)
		all = append(all, copied)
	}
	return all, nil
}

func numbers(frames []Frame) []uint64 {
	all := []uint64{}
	for _, f := range frames {
		all = append(all, f.No)
	}
	return all
}
