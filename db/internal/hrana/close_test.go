package hrana

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestCloseEndsWait closes the pool while a call waits because the server has refused it. The call must
// not be sent again: no caller would learn of its write.
func TestCloseEndsWait(t *testing.T) {
	t.Parallel()
	var c *conn
	sent, asked := 0, 0
	c = newConn(t, transport.Config{BusyTimeout: time.Hour, URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
		asked++
		fmt.Fprint(w, okReply)
	})})
	err := c.awaitLock(t.Context(), func() error {
		if sent++; sent > 1 {
			return exec(t, c, insertOne)
		}
		c.db.Interrupt()
		return &engine.Error{Kind: engine.ErrBusy, Code: engine.CodeBusy, Message: "database is locked"}
	})
	if !errors.Is(err, engine.ErrClosed) || sent != 1 {
		t.Errorf("got error %v of a call sent %d times, want %v of one sent once", err, sent, engine.ErrClosed)
	}
	c.db.Interrupt()
	// So does a call that was about to send its request.
	if err := exec(t, c, insertOne); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("a request after the end: got error %v, want %v", err, engine.ErrClosed)
	}
	if asked != 0 {
		t.Errorf("the server was asked %d times, want never", asked)
	}
	// ROLLBACK and the end of a stream are sent all the same.
	c.state, c.stream.baton = open, "b"
	c.Rollback(t.Context())
	if c.stream.baton, c.stream.used = "b", time.Now(); c.Close() != nil || asked != 2 {
		t.Errorf("the server was asked %d times, want to roll back and to close", asked)
	}
}
