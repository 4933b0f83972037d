package replica

import (
	"context"
	"sync"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/walog"
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
	index  *hrana.Index
	log    *walog.Client
	err    error // from New

	ctx    context.Context // ends with Interrupt
	cancel context.CancelFunc

	mu     sync.Mutex
	follow *follower // nil before the first connection
	closed bool
}

// New returns the database. It opens nothing and sends nothing. Connect returns the error of a
// malformed URL.
func New(cfg Config) engine.Database {
	reader := cfg.Local
	reader.Mode = sqlite.ReadOnly
	d := &database{cfg: cfg, local: sqlite.New(reader), server: hrana.New(cfg.Server)}
	d.index = hrana.IndexOf(d.server)
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.log, d.err = walog.New(walog.Config{
		URL:            cfg.Server.URL,
		Namespace:      cfg.Server.Namespace,
		Token:          cfg.Server.Token,
		InsecureToken:  cfg.Server.InsecureToken,
		HTTP:           transport.NewHTTP(&cfg.Server),
		RequestTimeout: cfg.Server.RequestTimeout,
	})
	return d
}

// Connect implements [engine.Database]. The first connection starts the follower. If there is no copy
// yet, Connect waits for it.
func (d *database) Connect(ctx context.Context) (engine.Conn, error) {
	f, err := d.start(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.awaitCopy(ctx); err != nil {
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

// start starts the follower, once.
func (d *database) start(ctx context.Context) (*follower, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.err != nil:
		return nil, d.err
	case d.closed || d.ctx.Err() != nil:
		return nil, engine.ErrClosed
	case d.follow != nil:
		return d.follow, nil
	}
	file, err := localfile.Open(ctx, d.cfg.Local)
	if err != nil {
		return nil, err
	}
	f := &follower{cfg: &d.cfg, log: d.log, index: d.index, file: file, changed: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{})}
	if f.pos, f.copied, err = file.Position(ctx); err != nil {
		file.Close()
		return nil, err
	}
	d.follow = f
	go f.run(d.ctx)
	return f, nil
}

// Interrupt implements [engine.Database].
func (d *database) Interrupt() {
	d.cancel()
	d.local.Interrupt()
	d.server.Interrupt()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.follow != nil {
		d.follow.file.Interrupt()
	}
}

// Close implements [engine.Database].
func (d *database) Close() error {
	d.Interrupt()
	d.mu.Lock()
	d.closed = true
	f := d.follow
	d.mu.Unlock()
	var err error
	if f != nil {
		<-f.done
		err = f.file.Close()
	}
	if d.log != nil {
		d.log.Close()
	}
	return firstOf(err, d.local.Close(), d.server.Close())
}

// firstOf returns the first error.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
