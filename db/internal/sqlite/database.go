package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/memvfs"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
)

// New returns the database that cfg names. It opens nothing yet.
func New(cfg Config) engine.Database {
	d := &database{cfg: cfg, closing: make(chan struct{})}
	// A page of a database in memory that isn't cached is copied, which takes little time.
	if !cfg.Memory {
		d.cache = pagecache.NewBudget(cfg.SharedCache)
		d.name, d.nameErr = filepath.Abs(cfg.Path)
	}
	return d
}

type database struct {
	cfg Config
	// name is the file's absolute path, so that all connections are to one file, also after the
	// process has changed its folder. A database in memory has none.
	name    string
	nameErr error
	cache   *pagecache.Budget // for the page caches of the connections, or nil

	closing   chan struct{} // closed by Interrupt
	interrupt sync.Once

	mu       sync.Mutex
	closed   bool
	memory   *memvfs.Database // kept open, so that it exists while there is no connection
	file     *openedFile      // the file of the first connection, or nil
	queue    *queue
	queueKey string
}

// Connect implements [engine.Database].
func (d *database) Connect(ctx context.Context) (engine.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := d.connect(ctx)
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() == nil && closed(d.closing): // the database may be closed, wholly or in part
		return nil, engine.ErrClosed
	default:
		return nil, engineError(err)
	}
}

func (d *database) connect(ctx context.Context) (*conn, error) {
	real, err := d.prepare()
	if err != nil {
		return nil, err
	}
	c, err := d.open(real)
	if err != nil {
		return nil, err
	}
	if err = d.identify(c); err == nil {
		err = c.setUp(ctx)
	}
	if err == nil {
		err = d.register(c)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// prepare makes or checks the file for a new connection, and returns its name for SQLite. It makes a
// file only for the first connection.
func (d *database) prepare() (string, error) {
	switch {
	case d.cfg.Memory:
		return d.openMemory()
	case d.nameErr != nil:
		return "", &FileError{d.cfg.Path, fmt.Sprintf("can't be found: %v", d.nameErr), d.nameErr}
	}
	if f := d.opened(); f != nil {
		return f.real, d.checkOpened(f)
	}
	if d.cfg.Mode != ReadOnly {
		if err := refuseNetwork(d.cfg, d.name); err != nil {
			return "", err
		}
	}
	if err := prepareFile(d.name, d.cfg.Path, d.cfg.Mode); err != nil {
		return "", err
	}
	// Windows: SQLite would put the log beside the link, so that the file would have two logs.
	real := realPath(d.name)
	if d.cfg.Immutable {
		return real, refuseUnread(real, d.cfg.Path)
	}
	return real, nil
}

func (d *database) openMemory() (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return "", engine.ErrClosed
	}
	if d.memory == nil {
		d.memory = memvfs.Open(d.cfg.Path)
	}
	return d.memory.Path(), nil
}

// open opens a connection that isn't set up.
func (d *database) open(name string) (*conn, error) {
	queue, err := d.writers(name)
	if err != nil {
		return nil, err
	}
	c, err := openConn(d.cfg, name, d.cache)
	if err != nil {
		return nil, err
	}
	c.queue, c.pool = queue, d.closing
	return c, nil
}

// writers returns the queue of the connections that write to the database with a name.
func (d *database) writers(name string) (*queue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, engine.ErrClosed
	}
	key := name
	if !d.cfg.Memory {
		key = "file:" + name
	}
	if d.queue == nil {
		d.queueKey, d.queue = key, takeQueue(key)
	}
	return d.queue, nil
}

// Interrupt implements [engine.Database].
func (d *database) Interrupt() {
	d.interrupt.Do(func() { close(d.closing) })
}

// Close implements [engine.Database]: with it a database in memory ends.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.file != nil {
		d.file.close()
		d.file = nil
	}
	if d.queue != nil {
		dropQueue(d.queueKey)
		d.queue = nil
	}
	if d.memory != nil {
		d.memory.Close()
		d.memory = nil
	}
	return nil
}

// realPath returns the path of a file without links, or the path as it is.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
