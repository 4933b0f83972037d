package hrana

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestAnotherServersIndex: an index of a server that was replaced isn't asked for any more after the
// next write, and the wait for an index ends with the request's time limit.
func TestAnotherServersIndex(t *testing.T) {
	t.Parallel()
	var index atomic.Uint64
	var asked atomic.Value
	index.Store(100)
	c := newConn(t, transport.Config{RequestTimeout: 200 * time.Millisecond, URL: script(t, func(w http.ResponseWriter, r *http.Request, _ int, body string) {
		_, after, _ := strings.Cut(body, `"replication_index":`)
		asked.Store(strings.TrimRight(after, "}]"))
		if after != "" && index.Load() == 0 { // a replica that never gets there
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, strings.Replace(okReply, `"replication_index":null`, fmt.Sprintf(`"replication_index":"%d"`, index.Load()), 1))
	})})
	want := func(want string) {
		t.Helper()
		if _, err := queryAll(t, c, selectOne); err != nil {
			t.Fatal(err)
		}
		if is := asked.Load(); is != want {
			t.Errorf("a read asks for %v, want %v", is, want)
		}
	}
	want("")
	if err := exec(t, c, insertOne); err != nil {
		t.Fatal(err)
	}
	want(`"100"`)
	index.Store(7) // another server
	want(`"100"`)
	if err := exec(t, c, insertOne); err != nil {
		t.Fatal(err)
	}
	want(`"7"`)
	index.Store(0)
	_, err := queryAll(t, c, selectOne)
	checkErr(t, "a read for an index that never comes", err, engine.ErrUnavailable, false, "")
}

// An endingContext ends when its test says so. Until then requests take it for a context without an end.
type endingContext struct {
	context.Context
	ended atomic.Bool
}

func (c *endingContext) Done() <-chan struct{} {
	if !c.ended.Load() {
		return nil
	}
	ended := make(chan struct{})
	close(ended)
	return ended
}

func (c *endingContext) Err() error {
	if c.ended.Load() {
		return context.Canceled
	}
	return nil
}

// TestAskIndexCanceled: the context of a read ends between BEGIN and ROLLBACK, by which the read asks the
// primary for its index. The stream with the transaction isn't used again.
func TestAskIndexCanceled(t *testing.T) {
	t.Parallel()
	ctx := &endingContext{Context: t.Context()}
	var requests atomic.Int64
	c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, body string) {
		requests.Add(1)
		if !strings.Contains(body, `"BEGIN"`) {
			t.Errorf("request %s after the end of the context", body)
		}
		ctx.ended.Store(true)
		fmt.Fprint(w, okReply) // with a baton
	})})
	err := c.askIndex(ctx)
	if err != context.Canceled || requests.Load() != 1 {
		t.Fatalf("error %v after %d requests, want %v after BEGIN", err, requests.Load(), context.Canceled)
	}
	if c.stream.baton != "" {
		t.Error("the stream with the transaction is kept")
	}
}
