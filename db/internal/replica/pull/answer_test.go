package pull

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// TestRequest looks at the requests.
func TestRequest(t *testing.T) {
	t.Parallel()
	var got []byte
	var header http.Header
	c := newClient(t, call.Config{Namespace: "ns", Token: tokenFunc(canary), URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		header = r.Header
		w.Write(slices.Concat(message(head("9", 1)), page(1)))
	})})
	for revision, want := range map[string]string{Whole: "", "8": "\x1a\x018"} {
		if _, _, err := collect(t.Context(), c, revision, 0); err != nil || string(got) != want {
			t.Errorf("%q: the body is %q, want %q; %v", revision, got, want, err)
		}
		if header.Get("Authorization") != "Bearer "+canary || header.Get("X-Namespace-Bin") != "bnM" || header.Get("Accept-Encoding") != "identity" {
			t.Errorf("the header is %v", header)
		}
	}
}

// TestAnswers has answers that are right, and answers with an error of their own.
func TestAnswers(t *testing.T) {
	t.Parallel()
	replaced := func(b []byte) []byte { return proto.AppendVarint(b, 6, 1) }
	unknown := slices.Concat(proto.AppendVarint(nil, 1, 5), proto.AppendVarint(nil, 50, math.MaxUint64), proto.AppendBytes(nil, 51, "x"))
	for _, tt := range []struct {
		name     string
		revision string // of the replica
		size     uint32
		body     []byte
		pages    []uint32
		whole    bool
		reason   error
	}{
		{"empty database", "", 0, message(head("0", 0)), nil, true, call.ErrRefused},
		{"emptied database", "8", 3, message(head("9", 0)), nil, false, call.ErrRefused},
		{"whole database", "", 0, slices.Concat(message(head("7", 2)), page(2), page(1)), []uint32{2, 1}, true, nil},
		{"whole database over a longer one", "", 9, slices.Concat(message(head("7", 1)), page(1)), []uint32{1}, true, nil},
		{"whole database with a page missing", "", 9, slices.Concat(message(head("7", 2)), page(1)), []uint32{1}, true, call.ErrRefused},
		{"whole database with a page twice", "", 0, slices.Concat(message(head("7", 2)), page(1), page(1)), []uint32{1, 1}, true, call.ErrRefused},
		{"nothing new", "7", 2, message(head("7", 2)), nil, false, nil},
		{"changes", "7", 2, slices.Concat(message(head("8", 2)), page(2)), []uint32{2}, false, nil},
		{"growth", "7", 2, slices.Concat(message(head("10", 4)), page(4), page(2), page(3)), []uint32{4, 2, 3}, false, nil},
		{"growth with a page missing", "7", 2, slices.Concat(message(head("10", 4)), page(4), page(2)), []uint32{4, 2}, false, call.ErrRefused},
		{"shrinking", "7", 4, slices.Concat(message(head("10", 2)), page(4), page(2)), []uint32{2}, false, nil},
		{"replacement", "7", 2, slices.Concat(message(replaced(head("1", 1))), page(1)), []uint32{1}, true, nil},
		{"replacement with a page missing", "7", 2, slices.Concat(message(replaced(head("1", 2))), page(1)), []uint32{1}, true, call.ErrRefused},
		{"another generation", "g1:o80", 2, slices.Concat(message(head("g2:o5", 2)), page(2)), []uint32{2}, false, nil},
		{"a new revision without changes", "g1:o80", 2, message(head("g2:o5", 2)), nil, false, nil},
		{"a revision of another form", "7", 2, slices.Concat(message(head("x", 2)), page(2)), []uint32{2}, false, nil},
		{"a revision of another form without changes", "7", 2, message(head("x", 2)), nil, false, ErrDiverged},
		{"an older revision", "10", 2, message(head("9", 2)), nil, false, ErrDiverged},
		{"an older revision with pages", "10", 2, slices.Concat(message(head("9", 2)), page(1)), nil, false, ErrDiverged},
		{"an older generation", "g2:o5", 2, message(head("g1:o80", 2)), nil, false, ErrDiverged},
		{"pages without a new revision", "7", 2, slices.Concat(message(head("7", 2)), page(1)), []uint32{1}, false, call.ErrMalformed},
		{"unknown fields", "7", 1, slices.Concat(message(unknown, head("8", 1), unknown), page(1)), []uint32{1}, false, nil},
	} {
		a, numbers, err := collect(t.Context(), answering(t, tt.body), tt.revision, tt.size)
		if tt.reason == nil && err != nil || !slices.Equal(numbers, tt.pages) || a != nil && a.Whole != tt.whole {
			t.Errorf("%s: %+v, %v, %v", tt.name, a, numbers, err)
		}
		if tt.reason != nil {
			checkError(t, tt.name, err, tt.reason)
		}
	}
}

// TestLockPage: the page at 1 GiB is never sent, and is ignored if it is.
func TestLockPage(t *testing.T) {
	t.Parallel()
	for _, also := range [][]byte{nil, page(lockPage)} {
		c := answering(t, message(head("8", lockPage+1)), page(lockPage+1), also)
		if _, numbers, err := collect(t.Context(), c, "7", lockPage-1); err != nil || !slices.Equal(numbers, []uint32{lockPage + 1}) {
			t.Errorf("got %v, %v", numbers, err)
		}
	}
}

// TestMVCC has the answers of a database with a log of rows.
func TestMVCC(t *testing.T) {
	t.Parallel()
	for name, field := range map[string][]byte{
		"protocol": proto.AppendVarint(nil, 8, 2),
		"stream":   proto.AppendVarint(nil, 5, 1),
		"log":      proto.AppendBytes(nil, 7, "x"),
	} {
		_, _, err := collect(t.Context(), answering(t, message(head("7", 0), field)), "", 0)
		checkError(t, name, err, call.ErrRefused)
		if !errors.Is(err, ErrMVCC) || !strings.Contains(err.Error(), "MVCC") {
			t.Errorf("%s: %v", name, err)
		}
	}
	first := make([]byte, PageSize)
	first[18], first[19] = 255, 255
	_, _, err := collect(t.Context(), answering(t, message(head("7", 1)), message(proto.AppendBytes(nil, 2, first))), "", 0)
	checkError(t, "first page", err, call.ErrRefused)
	if !errors.Is(err, ErrMVCC) {
		t.Error(err)
	}
}

// TestHostile has answers that no server sends.
func TestHostile(t *testing.T) {
	t.Parallel()
	start := message(head("7", 3))
	pageOf := func(id uint64, data []byte) []byte {
		return slices.Concat(start, message(proto.AppendBytes(proto.AppendVarint(nil, 1, id), 2, data)))
	}
	whole := make([]byte, PageSize)
	for name, body := range map[string][]byte{
		"nothing":                {},
		"no fields":              message(),
		"no revision":            message(proto.AppendBytes(nil, 3, "")),
		"a revision of 2 lines":  message(head("a\nb", 1)),
		"a revision with spaces": message(head("a b", 1)),
		"a long revision":        message(head(strings.Repeat("x", 257), 1)),
		"a damaged message":      message([]byte{0x80}),
		"a group":                message(head("7", 1), []byte{3<<3 | 3}),
		"no raw encoding":        message(proto.AppendBytes(nil, 1, "7")),
		"zstd":                   message(head("7", 1), proto.AppendBytes(nil, 4, "")),
		"a new kind of stream":   message(head("7", 1), proto.AppendVarint(nil, 5, 2)),
		"a new mode":             message(head("7", 1), proto.AppendVarint(nil, 6, 2)),
		"a new protocol":         message(head("7", 1), proto.AppendVarint(nil, 8, 3)),
		"too many pages":         message(head("7", maxPages+1)),
		"very many pages":        message(head("7", math.MaxUint64)),
		"a long length":          slices.Concat(start, bytes.Repeat([]byte{0xff}, 9), []byte{1}),
		"a length of 65 bits":    slices.Concat(start, bytes.Repeat([]byte{0xff}, 9), []byte{2}),
		"a length of 11 bytes":   slices.Concat(start, bytes.Repeat([]byte{0x80}, 11)),
		"a long message":         slices.Concat(start, message(make([]byte, maxMessage+1))),
		"an empty page":          slices.Concat(start, message()),
		"a short page":           pageOf(0, whole[1:]),
		"a long page":            pageOf(0, append(slices.Clone(whole), 0)),
		"a page without data":    slices.Concat(start, message(proto.AppendVarint(nil, 1, 0))),
		"a page beyond 32 bits":  pageOf(1<<32, whole),
		"a page beyond SQLite's": pageOf(maxPages, whole),
		"a page of 64 bits":      pageOf(math.MaxUint64, whole),
	} {
		_, _, err := collect(t.Context(), answering(t, body), "", 0)
		checkError(t, name, err, call.ErrMalformed)
	}
}

// TestCut breaks an answer off at each byte of interest, with and without a length. An answer whose end
// HTTP doesn't show is refused.
func TestCut(t *testing.T) {
	t.Parallel()
	body := slices.Concat(message(head("7", 2)), page(1), page(2))
	start := len(message(head("7", 2)))
	for _, at := range []int{0, 1, start - 1, start, start + 1, start + 2, start + 100, len(body) - len(page(2)), len(body) - 1} {
		for _, form := range []string{"length", "chunks"} {
			c := newClient(t, call.Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if form == "length" {
					w.Header().Set("Content-Length", fmt.Sprint(len(body)))
				}
				w.Write(body[:at])
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			})})
			_, _, err := collect(t.Context(), c, "", 0)
			checkError(t, fmt.Sprint(form, at), err, call.ErrCut)
		}
		// A message that ends too early, in an answer that doesn't.
		_, _, err := collect(t.Context(), answering(t, body[:at]), "", 0)
		if !errors.Is(err, call.ErrCut) && !errors.Is(err, call.ErrMalformed) && !errors.Is(err, ErrIncomplete) {
			t.Errorf("%d: got %v", at, err)
		}
	}
	hijack := func(head string) *Client {
		return newClient(t, call.Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, buffer, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			buffer.WriteString(head + "\r\n\r\n" + string(body))
			buffer.Flush()
			conn.Close()
		})})
	}
	_, _, err := collect(t.Context(), hijack("HTTP/1.1 200 OK\r\nContent-Type: "+contentType+"\r\nConnection: close"), "", 0)
	checkError(t, "no end", err, call.ErrMalformed)
	_, _, err = collect(t.Context(), hijack(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nContent-Length: %d", contentType, len(body))), "", 0)
	checkError(t, "compressed", err, call.ErrMalformed)
	if _, numbers, err := collect(t.Context(), hijack(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d", contentType, len(body))), "", 0); err != nil || len(numbers) != 2 {
		t.Errorf("with a length: %v, %v", numbers, err)
	}
}

// TestHTTPErrors has answers of other servers, and of proxies.
func TestHTTPErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		reason error
		want   string
	}{
		{401, "no " + canary, call.ErrTokenRefused, "the server refuses the token: HTTP status 401: no [token]"},
		{403, "", call.ErrTokenRefused, "the server refuses the token: HTTP status 403"},
		{404, "Not Found", call.ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 404: Not Found"},
		{405, "", call.ErrUnsupported, "the server has no replication for embedded replicas: HTTP status 405"},
		{429, "", call.ErrCut, "the server can't answer now: HTTP status 429"},
		{500, "Internal Server Error: x\ny", call.ErrCut, "the server can't answer now: HTTP status 500: Internal Server Error: x y"},
		{502, "<html>", call.ErrCut, "the server can't answer now: HTTP status 502"},
		{307, "", call.ErrUnsupported, "the server redirects, which isn't followed: it has no location"},
	} {
		c := newClient(t, call.Config{Token: tokenFunc(canary), URL: serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})})
		_, _, err := collect(t.Context(), c, "", 0)
		checkError(t, tt.want, err, tt.reason)
		if err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	page := newClient(t, call.Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>")
	})})
	_, _, err := collect(t.Context(), page, "", 0)
	checkError(t, "a web page", err, call.ErrMalformed)
	_, _, err = collect(t.Context(), newClient(t, call.Config{URL: "http://127.0.0.1:1"}), "", 0)
	checkError(t, "no server", err, call.ErrCut)
}

// TestWaits: each wait for bytes has the time limit, and not the whole answer.
func TestWaits(t *testing.T) {
	t.Parallel()
	body := slices.Concat(message(head("7", 3)), page(1), page(2), page(3))
	for _, silent := range []int{0, 20, len(body) - 10} {
		hold := make(chan struct{})
		c := newClient(t, call.Config{RequestTimeout: 200 * time.Millisecond, URL: serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			w.Write(body[:silent])
			if silent > 0 {
				w.(http.Flusher).Flush()
			}
			<-hold
		})})
		_, _, err := collect(t.Context(), c, "", 0)
		checkError(t, fmt.Sprint(silent), err, call.ErrCut)
		if !errors.Is(err, transport.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %d bytes: %v", silent, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, _, err := collect(ctx, c, "", 0); err != context.Canceled && !errors.Is(err, transport.ErrTimeout) {
			t.Errorf("canceled after %d bytes: %v", silent, err)
		}
		close(hold)
	}
}

// tokenFunc returns a Config.Token.
func tokenFunc(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		want     ordering
	}{
		{"7", "7", same},
		{"7", "8", forward},
		{"9", "10", forward},
		{"10", "9", back},
		{"g1:o80", "g1:o9", back},
		{"g1:o80", "g2:o9", forward},
		{"g2:o9", "g1:o80", back},
		{"18446744073709551615", "18446744073709551616", forward},
		{"007", "8", forward},
		{"7", "007", unknown},
		{"7", "page:7", unknown},
		{"a", "b", unknown},
		{"7", "7:1", unknown},
	} {
		if got := order(tt.from, tt.to); got != tt.want {
			t.Errorf("from %s to %s: %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}
