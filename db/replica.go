package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/replica"
)

// A ReplicaState says how far a replica has followed its server. Frames are the pages that
// transactions have changed, as the server's log counts them.
type ReplicaState struct {
	// Frames is the number of frames that the replica has, and Behind the number of frames that the
	// server had beyond these at Contact.
	Frames, Behind uint64
	// Committed is the time of the replica's last commit by the server's clock, or the zero time if
	// the server hasn't said it: it knows the time of its last 100 commits since its start.
	Committed time.Time
	// Contact is the time of the last message from the server, or the zero time if there was none
	// since the pool was opened.
	Contact time.Time
	// Err is the reason why the replica doesn't follow now, such as an [ErrUnavailable], or nil. The
	// replica tries again by itself.
	Err error
}

var errNoReplica = errors.New("the database isn't a replica; open it with ?replica=PATH in the URL of a server")

// ReplicaStatus returns the state of a pool's replica. It asks nobody.
func ReplicaStatus(ctx context.Context, pool *sql.DB) (ReplicaState, error) {
	var state ReplicaState
	err := onReplica(ctx, pool, func(_ context.Context, c replica.Conn) error {
		state = replicaState(c.State())
		return nil
	})
	return state, err
}

// Sync waits until a pool's replica has everything that the server had when Sync was called, and
// returns its state. A program needs it only for the writes of others: a read sees the pool's own
// writes. If the server can't be reached, Sync returns an [ErrUnavailable] and the state.
func Sync(ctx context.Context, pool *sql.DB) (ReplicaState, error) {
	var state ReplicaState
	err := onReplica(ctx, pool, func(ctx context.Context, c replica.Conn) error {
		is, err := c.Sync(ctx)
		state = replicaState(is)
		return err
	})
	return state, err
}

// Detach writes the content of a pool's replica to a new file, which is an ordinary database that
// follows no server. It fails if the file exists.
func Detach(ctx context.Context, pool *sql.DB, path string) error {
	return onReplica(ctx, pool, func(ctx context.Context, c replica.Conn) error { return c.Detach(ctx, path) })
}

func replicaState(s replica.State) ReplicaState {
	return ReplicaState{s.Next, max(s.Server, s.Next) - s.Next, s.Committed, s.Contact, translate(s.Err)}
}

// onReplica calls do with a connection of the pool.
func onReplica(ctx context.Context, pool *sql.DB, do func(context.Context, replica.Conn) error) error {
	return onEngine(ctx, pool, func(ctx context.Context, c engine.Conn) error {
		r, is := c.(replica.Conn)
		if !is {
			return errNoReplica
		}
		return do(ctx, r)
	})
}

// WithReplicaPoll has a replica ask its server for changes every d, and at once when a read waits for
// a write. By default, and with 0, the replica follows the server's log, and gets each change as it
// is made, by a request that stays open.
func WithReplicaPoll(d time.Duration) Option {
	return onlyReplica("WithReplicaPoll", func(r *replica.Config) error {
		if d < 0 {
			return fmt.Errorf("WithReplicaPoll: %v is negative", d)
		}
		r.Poll = d
		return nil
	})
}

// WithStaleReads has reads of a replica wait for nothing. By default a read that begins after a write
// of the same pool has returned waits until the replica has the write, at most for the busy timeout
// ([WithBusyTimeout]).
func WithStaleReads() Option {
	return onlyReplica("WithStaleReads", func(r *replica.Config) error {
		r.StaleReads = true
		return nil
	})
}

// WithReplicaProgress calls fn while [Open] copies the server's database to a new replica, with the
// number of frames that have arrived and the number of all. fn is called for each frame, from another
// goroutine, one call at a time.
func WithReplicaProgress(fn func(frames, all uint64)) Option {
	return onlyReplica("WithReplicaProgress", func(r *replica.Config) error {
		r.Progress = fn
		return nil
	})
}

// onlyReplica returns an option for the URLs of replicas.
func onlyReplica(option string, set func(*replica.Config) error) Option {
	return func(c *config) error {
		if c.replica == nil {
			return fmt.Errorf("%s: doesn't apply without a replica; add ?replica=PATH to the URL of a server", option)
		}
		return set(c.replica)
	}
}
