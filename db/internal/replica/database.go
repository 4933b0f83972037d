package replica

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// Config configures a database with a local copy.
type Config struct {
	// Local is the copy. Its Mode is ignored.
	Local sqlite.Config
	// Server is the server.
	Server transport.Config
	// Poll is the time between two requests for changes. 0 follows the server's log, and gets each
	// change at once.
	Poll time.Duration
	// StaleReads lets reads run at once. By default a read waits for the writes before it.
	StaleReads bool
	// Progress is called while the copy is made for the first time, and after each part of it, with
	// the number of pages that have arrived, and of all. It may be nil.
	Progress func(done, all uint64)
}

// A database is safe for concurrent use.
type database struct {
	cfg    Config
	local  engine.Database
	server engine.Database
	shared *shared
	closed atomic.Bool
	// checked: the follower's database is this one.
	checked atomic.Bool
	// caughtUp: the first connection has brought the copy to the server's state.
	caughtUp atomic.Bool
	ctx      context.Context // ends with Interrupt
	cancel   context.CancelFunc
}

// New returns the database. It opens nothing and sends nothing. Connect returns the error of a
// malformed URL.
func New(cfg Config) engine.Database {
	d := &database{cfg: cfg, shared: share(cfg.Local.Path)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.cfg.Local.Mode = sqlite.ReadOnly
	d.local, d.server = sqlite.New(d.cfg.Local), hrana.NewIndexed(cfg.Server, d.shared.index)
	return d
}

// Connect implements [engine.Database]. The first connection starts the follower. If there is no copy
// yet, Connect waits for it.
func (d *database) Connect(ctx context.Context) (engine.Conn, error) {
	if d.closed.Load() {
		return nil, engine.ErrClosed
	}
	f, err := d.shared.start(ctx, &d.cfg)
	if err != nil {
		return nil, err
	}
	if err := d.await(ctx, f.awaitCopy); err != nil {
		d.shared.again(f)
		return nil, err
	}
	if err := cmp.Or(d.check(ctx, f), d.catchUp(ctx, f)); err != nil {
		return nil, err
	}
	local, err := d.local.Connect(ctx)
	if err != nil {
		return nil, err
	}
	server, err := d.server.Connect(ctx)
	if err != nil {
		local.Close()
		return nil, err
	}
	return &conn{db: d, follow: f, local: local, server: server}, nil
}

// check fails if the follower's database isn't this one.
func (d *database) check(ctx context.Context, f *follower) error {
	if d.checked.Load() {
		return nil
	}
	err := f.checkServer(ctx, &d.cfg)
	d.checked.Store(err == nil)
	return err
}

// Interrupt implements [engine.Database].
func (d *database) Interrupt() {
	d.cancel()
	d.local.Interrupt()
	d.server.Interrupt()
}

// Close implements [engine.Database].
func (d *database) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	d.Interrupt()
	return cmp.Or(d.local.Close(), d.server.Close(), d.shared.leave())
}
