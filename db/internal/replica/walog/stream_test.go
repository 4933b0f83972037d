package walog

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestEntriesOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		body   [][]byte
		end    uint64
		want   []uint64
		reason error
	}{
		{"to the end", [][]byte{frame(5, 1, 0), frame(6, 2, 2), frame(7, 1, 2)}, 7, []uint64{5, 6}, nil},
		{"to a commit after the end", [][]byte{frame(5, 1, 0), frame(6, 2, 2), frame(7, 1, 2)}, 6, []uint64{5, 6}, nil},
		{"the server ends", [][]byte{frame(5, 1, 2), trailer(0, "")}, 7, []uint64{5}, ErrNeedHello},
		{"another beginning", [][]byte{frame(4, 1, 1), frame(5, 2, 2)}, 7, []uint64{}, ErrMalformed},
		{"twice", [][]byte{frame(5, 1, 2), frame(5, 1, 2)}, 7, []uint64{5}, ErrMalformed},
		{"a gap", [][]byte{frame(5, 1, 2), frame(7, 1, 2)}, 7, []uint64{5}, ErrMalformed},
		{"backwards", [][]byte{frame(5, 1, 2), frame(4, 1, 2)}, 7, []uint64{5}, ErrMalformed},
		{"a large number", [][]byte{frame(math.MaxUint64, 1, 2)}, 7, []uint64{}, ErrMalformed},
		{"nothing", nil, 7, []uint64{}, ErrCut},
		{"in the middle of a transaction", [][]byte{frame(5, 1, 0), trailer(9, "NEED_SNAPSHOT")}, 7, []uint64{5}, ErrNeedSnapshot},
	} {
		frames, err := collect(answering(t, tt.body...).Entries(t.Context(), session(), 5, tt.end))
		if !errors.Is(err, tt.reason) || !reflect.DeepEqual(numbers(frames), tt.want) {
			t.Errorf("%s: got %v, %v", tt.name, numbers(frames), err)
		}
		for _, f := range frames {
			if len(f.Data) != PageSize || f.Data[100] != byte(f.No) {
				t.Errorf("%s: frame %d has another page", tt.name, f.No)
			}
		}
	}
}

func TestSnapshotOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		body   [][]byte
		want   []uint64
		reason error
	}{
		{"whole", [][]byte{frame(9, 1, 0), frame(7, 2, 0), frame(5, 3, 3), trailer(0, "")}, []uint64{9, 7, 5}, nil},
		{"one frame", [][]byte{frame(5, 1, 1), trailer(0, "")}, []uint64{5}, nil},
		{"no trailer", [][]byte{frame(9, 1, 0), frame(5, 3, 3)}, []uint64{9, 5}, ErrCut},
		{"an error", [][]byte{frame(9, 1, 0), trailer(13, "Invalid snapshot file")}, []uint64{9}, ErrCut},
		{"no commit frame", [][]byte{frame(9, 1, 0), trailer(0, "")}, []uint64{9}, ErrMalformed},
		{"a frame after the commit frame", [][]byte{frame(9, 1, 3), frame(7, 2, 0), trailer(0, "")}, []uint64{9}, ErrMalformed},
		{"empty", [][]byte{trailer(0, "")}, []uint64{}, ErrMalformed},
		{"twice", [][]byte{frame(9, 1, 0), frame(9, 1, 0)}, []uint64{9}, ErrMalformed},
		{"forwards", [][]byte{frame(7, 1, 0), frame(9, 1, 0)}, []uint64{7}, ErrMalformed},
		{"before the offset", [][]byte{frame(7, 1, 0), frame(4, 2, 2), trailer(0, "")}, []uint64{7}, ErrMalformed},
		{"a number without a next one", [][]byte{frame(math.MaxUint64, 1, 2), trailer(0, "")}, []uint64{}, ErrMalformed},
	} {
		frames, err := collect(answering(t, tt.body...).Snapshot(t.Context(), session(), 5))
		if !errors.Is(err, tt.reason) || !reflect.DeepEqual(numbers(frames), tt.want) {
			t.Errorf("%s: got %v, %v", tt.name, numbers(frames), err)
		}
	}
}

// TestRequests looks at the requests that are sent.
func TestRequests(t *testing.T) {
	t.Parallel()
	var got atomic.Pointer[string]
	c := newClient(t, Config{Namespace: "größe", URL: serve(t, func(w http.ResponseWriter, r *http.Request, method string) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		text := fmt.Sprintf("%s %q %s %s %s %s", method, body, r.Header.Get("X-Session-Token"), r.Header.Get("X-Namespace-Bin"), r.Header.Get("Accept-Encoding"), r.Header.Get("Idempotency-Key"))
		got.Store(&text)
		w.Write(slices.Concat(hello(), trailer(0, "")))
	}) + "/"})
	check := func(want string) {
		t.Helper()
		if text := got.Swap(nil); text == nil || *text != want {
			t.Errorf("got %v, want %s", text, want)
		}
	}
	if _, err := c.Hello(t.Context()); err != nil {
		t.Error(err)
	}
	check(`Hello "\x00\x00\x00\x00\x02\b\x01"  Z3LDtsOfZQ identity `)
	collect(c.Entries(t.Context(), session(), 300, Follow))
	check(`LogEntries "\x00\x00\x00\x00\x03\b\xac\x02" session Z3LDtsOfZQ identity `)
	collect(c.Snapshot(t.Context(), session(), math.MaxUint64))
	check(`Snapshot "\x00\x00\x00\x00\v\b\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" session Z3LDtsOfZQ identity `)
	for _, next := range []uint64{7, 8} {
		if frames, err := collect(c.Entries(t.Context(), session(), next, 7)); err != nil || len(frames) != 0 || got.Load() != nil {
			t.Errorf("nothing to read: %d frames, %v", len(frames), err)
		}
	}
}

// TestCut cuts answers at each byte. All whole frames before are read, and nothing else.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, abort := range []bool{false, true} {
		t.Run(fmt.Sprint("abort=", abort), func(t *testing.T) {
			t.Parallel()
			testCut(t, vector(t, "entries.bin"), abort, func(c *Client) iter.Seq2[*Frame, error] {
				return c.Entries(t.Context(), session(), 0, Follow)
			})
			testCut(t, vector(t, "snapshot.bin"), abort, func(c *Client) iter.Seq2[*Frame, error] {
				return c.Snapshot(t.Context(), session(), 0)
			})
		})
	}
}

// testCut has the server end its answer, or break the connection.
func testCut(t *testing.T, body []byte, abort bool, read func(*Client) iter.Seq2[*Frame, error]) {
	var whole []Frame
	var ends []int // of the messages in body
	for at := 0; at < len(body); {
		end := at + prefixSize + int(binary.BigEndian.Uint32(body[at+1:]))
		var f Frame
		if body[at] == 0 {
			if err := f.decode(body[at+prefixSize : end]); err != nil {
				t.Fatal(err)
			}
			whole = append(whole, f)
		}
		at = end
		ends = append(ends, end)
	}
	var length atomic.Int64
	c := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		if abort {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		}
		w.Write(body[:length.Load()])
	})})
	step := 1
	if abort || testing.Short() {
		step = 41 // each one costs a TCP connection
	}
	for n := range len(body) {
		near := slices.ContainsFunc(ends, func(end int) bool { return n >= end-1 && n <= end+prefixSize })
		if n%step != 0 && !near {
			continue
		}
		length.Store(int64(n))
		got, err := collect(read(c))
		want := whole
		for len(want) > 0 && ends[len(want)-1] > n {
			want = want[:len(want)-1]
		}
		same := slices.EqualFunc(got, want, func(a, b Frame) bool { return a.No == b.No && bytes.Equal(a.Data, b.Data) })
		if !errors.Is(err, ErrCut) || !same {
			t.Fatalf("cut at %d: frames %v, want %v; %v", n, numbers(got), numbers(want), err)
		}
	}
}

// TestFollow waits for frames, beyond the time limit of a request, until the context ends.
func TestFollow(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second
	more, over := make(chan []byte), make(chan struct{})
	c := newClient(t, Config{RequestTimeout: limit, URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		w.(http.Flusher).Flush()
		for {
			select {
			case b := <-more:
				w.Write(b)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				close(over)
				return
			}
		}
	})})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		time.Sleep(limit + 500*time.Millisecond)
		more <- frame(0, 1, 1)
	}()
	got := 0
	for f, err := range c.Entries(ctx, session(), 0, Follow) {
		if got++; got == 1 {
			if err != nil || f.No != 0 || f.More {
				t.Fatal(f, err)
			}
			time.AfterFunc(10*time.Millisecond, cancel)
			continue
		}
		if err != context.Canceled {
			t.Errorf("got error %v", err)
		}
	}
	<-over // the server notices
	if got != 2 {
		t.Errorf("got %d elements", got)
	}
}

// TestBreak leaves a loop, which ends the request.
func TestBreak(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	c := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		w.Write(frame(0, 1, 1))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		over <- struct{}{}
	})})
	for range c.Entries(t.Context(), session(), 0, Follow) {
		break
	}
	<-over
	for range c.Entries(t.Context(), session(), 0, 1) { // ends by itself
	}
	<-over
}

// TestTimeouts has servers that stop to answer.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	const limit = 500 * time.Millisecond
	stalling := func(parts ...[]byte) *Client {
		return newClient(t, Config{RequestTimeout: limit, URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ string) {
			io.Copy(io.Discard, r.Body) // otherwise the server doesn't notice the end of the connection
			for _, part := range parts {
				w.Write(part)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})})
	}
	check := func(name string, got error) {
		t.Helper()
		if !errors.Is(got, ErrCut) || !errors.Is(got, context.DeadlineExceeded) || got.Error() != "no answer within the time limit of a request" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	c := stalling()
	_, err := c.Hello(t.Context())
	check("Hello", err)
	_, err = collect(c.Entries(t.Context(), session(), 0, Follow))
	check("LogEntries", err)
	_, err = collect(c.Snapshot(t.Context(), session(), 0))
	check("Snapshot", err)
	frames, err := collect(stalling(frame(7, 1, 0)).Snapshot(t.Context(), session(), 0))
	if len(frames) != 1 {
		t.Errorf("got %d frames", len(frames))
	}
	check("a part of a snapshot", err)
	_, err = stalling(hello()).Hello(t.Context())
	check("Hello without a trailer", err)

	ctx, cancel := context.WithTimeout(t.Context(), limit/10)
	defer cancel()
	for range 2 {
		if _, err := c.Hello(ctx); err != context.DeadlineExceeded {
			t.Errorf("the caller's deadline: %v", err)
		}
	}
}

// TestSlowCaller takes longer over each frame than the time limit of a request.
func TestSlowCaller(t *testing.T) {
	t.Parallel()
	const limit = time.Second
	c := newClient(t, Config{RequestTimeout: limit, URL: serve(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		w.Write(slices.Concat(frame(7, 1, 0), frame(6, 2, 2)))
		w.(http.Flusher).Flush()
		w.Write(trailer(0, ""))
	})})
	for _, err := range c.Snapshot(t.Context(), session(), 0) {
		if err != nil {
			t.Error(err)
		}
		time.Sleep(limit + 100*time.Millisecond)
	}
}

// TestTLS follows a log over HTTP/2.
func TestTLS(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.Header.Get("Authorization") != "Bearer "+canary {
			t.Errorf("got %s, %v", r.Proto, r.Header)
		}
		w.Header().Set("Content-Type", "application/grpc-web+proto")
		w.Write(frame(0, 1, 1))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(over)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := newClient(t, Config{URL: server.URL, HTTP: server.Client().Transport.(*http.Transport), Token: tokenFunc(canary)})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for f, err := range c.Entries(ctx, session(), 0, Follow) {
		if err == nil && f.No == 0 {
			cancel()
		} else if err != context.Canceled {
			t.Error(err)
		}
	}
	<-over
}

// TestConnections uses one TCP connection for all answers that are read to their end.
func TestConnections(t *testing.T) {
	t.Parallel()
	var requests, dials atomic.Int64
	c := newClient(t, Config{
		URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
			switch requests.Add(1) % 4 {
			case 0:
				w.Write(slices.Concat(hello(), trailer(0, "")))
			case 1:
				w.Header().Set("Grpc-Status", "14")
			case 2:
				w.WriteHeader(http.StatusServiceUnavailable)
				w.Write([]byte("busy"))
			case 3: // the parts come one after the other
				for _, part := range [][]byte{hello(), trailer(0, "")} {
					w.Write(part)
					w.(http.Flusher).Flush()
					time.Sleep(10 * time.Millisecond)
				}
			}
		}),
		HTTP: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}},
	})
	for range 40 {
		c.Hello(t.Context())
	}
	if requests.Load() != 40 || dials.Load() != 1 {
		t.Errorf("%d requests on %d connections", requests.Load(), dials.Load())
	}
}

// TestClosedConnection has a server that closes an idle connection when the next request arrives.
func TestClosedConnection(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		if requests.Add(1) != 2 {
			w.Write(slices.Concat(hello(), trailer(0, "")))
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})})
	for range 2 {
		if _, err := c.Hello(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if requests.Load() != 3 {
		t.Errorf("%d requests", requests.Load())
	}
}

// TestMoreOfChunks reads two frames that were sent one by one, and have both arrived.
func TestMoreOfChunks(t *testing.T) {
	t.Parallel()
	read, sent := make(chan struct{}), make(chan struct{})
	c := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		for i := range uint64(3) {
			w.Write(frame(i, 1, 1))
			w.(http.Flusher).Flush()
			if i == 0 {
				<-read
			}
		}
		close(sent)
	})})
	var more []bool
	for f, err := range c.Entries(t.Context(), session(), 0, 3) {
		if err != nil {
			t.Fatal(err)
		}
		more = append(more, f.More)
		if f.No == 0 {
			close(read)
			<-sent
		}
	}
	if !slices.Equal(more, []bool{false, true, false}) {
		t.Errorf("got %v", more)
	}
}

// TestConcurrent uses a client from several goroutines, while the server refuses each token once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	var asked, refused atomic.Int64
	c := newClient(t, Config{
		Token: func(context.Context) (string, error) { return strconv.FormatInt(asked.Add(1), 10), nil },
		URL: serve(t, func(w http.ResponseWriter, r *http.Request, method string) {
			if r.Header.Get("Authorization") == "Bearer 1" {
				refused.Add(1)
				grpcRefusal(w)
				return
			}
			if method == "Hello" {
				w.Write(slices.Concat(hello(), trailer(0, "")))
				return
			}
			w.Write(slices.Concat(frame(0, 1, 0), frame(1, 2, 2)))
		}),
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				s, err := c.Hello(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if frames, err := collect(c.Entries(t.Context(), s, 0, 2)); err != nil || len(frames) != 2 {
					t.Error(len(frames), err)
				}
			}
		})
	}
	wg.Wait()
	if refused.Load() == 0 {
		t.Error("no token was refused")
	}
}

// tokenFunc returns the tokens one after the other, and the last one again and again.
func tokenFunc(tokens ...string) func(context.Context) (string, error) {
	var calls atomic.Int64
	return func(context.Context) (string, error) {
		n := int(calls.Add(1))
		return tokens[min(n, len(tokens))-1], nil
	}
}
