package hrana_test

import (
	"errors"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestCommitWithoutTransaction ends a transaction behind the connection's back, on its stream: COMMIT reports that the
// transaction is lost, and ROLLBACK has nothing to do.
func TestCommitWithoutTransaction(t *testing.T) {
	t.Parallel()
	url := dbtest.StartServer(t).URL()
	for name, assume := range map[string]func(engine.Database){"protobuf": func(engine.Database) {}, "JSON": hrana.AssumeJSON} {
		for _, mode := range []engine.Mode{engine.Write, engine.Read} {
			d := open(t, transport.Config{URL: url})
			assume(d)
			c := connect(t, d)
			begin := func() {
				t.Helper()
				if err := c.Begin(t.Context(), mode); err != nil {
					t.Fatal(err)
				}
				must(t, c, "SELECT 1")
				if err := hrana.Behind(t.Context(), c, "ROLLBACK"); err != nil {
					t.Fatal(err)
				}
			}
			begin()
			if err := c.Commit(t.Context()); !isLost(err) {
				t.Errorf("%s, mode %v: COMMIT: %v", name, mode, err)
			}
			begin()
			if err := c.Rollback(t.Context()); err != nil {
				t.Errorf("%s, mode %v: ROLLBACK: %v", name, mode, err)
			}
			checkRow(t, c, "SELECT 1", int64(1))
		}
	}
}

func isLost(err error) bool {
	var e *engine.Error
	return errors.As(err, &e) && e.Kind == engine.ErrTxLost
}
