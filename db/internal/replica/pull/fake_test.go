package pull

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
	"go.uber.org/goleak"
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

// serve starts a server that answers as the handler does. It returns the URL.
func serve(t testing.TB, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/pull-updates" || r.Header.Get("Content-Type") != contentType || r.ContentLength < 0 {
			t.Errorf("got %s %s, %v, length %d", r.Method, r.URL, r.Header, r.ContentLength)
		}
		w.Header().Set("Content-Type", contentType)
		answer(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func newClient(t testing.TB, cfg call.Config) *Client {
	t.Helper()
	cfg.HTTP = &http.Transport{}
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
	return newClient(t, call.Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(slices.Concat(parts...)) })})
}

// message puts the length before a message.
func message(parts ...[]byte) []byte {
	payload := slices.Concat(parts...)
	return append(binary.AppendUvarint(nil, uint64(len(payload))), payload...)
}

// head returns the fields of a PullUpdatesResp.
func head(revision string, size uint64) []byte {
	b := proto.AppendVarint(proto.AppendBytes(nil, 1, revision), 2, size)
	return proto.AppendBytes(b, 3, "")
}

// page returns the message of a page that is filled with its number.
func page(number uint64) []byte {
	return message(proto.AppendBytes(proto.AppendVarint(nil, 1, number-1), 2, slices.Repeat([]byte{byte(number)}, PageSize)))
}

// collect pulls, and returns the numbers of the pages.
func collect(ctx context.Context, c *Client, revision string, size uint32) (a *Answer, numbers []uint32, err error) {
	a, err = c.Pull(ctx, revision, size)
	if err != nil {
		return nil, nil, err
	}
	defer a.Close()
	for p, err := range a.Pages() {
		if err != nil {
			return a, numbers, err
		}
		if len(p.Data) != PageSize {
			return a, numbers, fmt.Errorf("page %d has %d bytes", p.Number, len(p.Data))
		}
		numbers = append(numbers, p.Number)
	}
	return a, numbers, nil
}

// kinds has the reasons of errors with their kinds.
var kinds = map[error]error{
	call.ErrTokenRefused: engine.ErrUnauthorized,
	call.ErrUnsupported:  engine.ErrCantOpen,
	call.ErrRefused:      engine.ErrCantOpen,
	call.ErrCut:          engine.ErrUnavailable,
	call.ErrMalformed:    engine.ErrUnavailable,
	ErrDiverged:          engine.ErrUnavailable,
}

// checkError wants an error with the reason and its kind, on one line, without the token.
func checkError(t *testing.T, name string, err, reason error) {
	t.Helper()
	var own *engine.Error
	if !errors.As(err, &own) {
		t.Errorf("%s: got %v (%T), want %v", name, err, err, reason)
		return
	}
	for other := range kinds {
		if errors.Is(err, other) != (other == reason) {
			t.Errorf("%s: got %v (%v), want %v", name, err, own.Err, reason)
		}
	}
	if own.Kind != kinds[reason] || strings.ContainsAny(own.Message, "\n\r\x1b") || len(own.Message) > 500 {
		t.Errorf("%s: kind %v, message %q", name, own.Kind, own.Message)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, canary) {
			t.Errorf("%s: the error shows the token: %s", name, text)
		}
	}
}
