package hrana

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// TestCloseEndsWait closes the pool while a call waits for a server that has refused it:
// it isn't sent again, which could write what nobody looks at any more.
func TestCloseEndsWait(t *testing.T) {
	t.Parallel()
	var c *conn
	sent := 0
	c = newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
		fmt.Fprint(w, okReply)
	})})
	c.db.cfg.BusyTimeout = time.Hour
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
	// What comes after it only rolls back, and has to be sent.
	if err := exec(t, c, insertOne); err != nil {
		t.Errorf("a request after the end: %v", err)
	}
}
