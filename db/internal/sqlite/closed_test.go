package sqlite

import (
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
)

// TestConnectAfterClose wants that nothing is held by a database that was closed, however late
// somebody comes.
func TestConnectAfterClose(t *testing.T) {
	t.Parallel()
	for what, cfg := range map[string]Config{"memory": {Memory: true}, "file": fileConfig(t, 0)} {
		d := New(cfg).(*database)
		connect, err := d.Connect(t.Context())
		must(t, err)
		must(t, connect.Close())
		d.Interrupt()
		must(t, d.Close())
		if _, err := d.Connect(t.Context()); err != engine.ErrClosed {
			t.Errorf("%s: error %v, want %v", what, err, engine.ErrClosed)
		}
		if d.memory != nil || d.queue != nil || d.file != nil {
			t.Errorf("%s: something is held: %+v", what, d)
		}
	}
}
