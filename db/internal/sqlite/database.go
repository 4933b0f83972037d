package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/duolite/duolite/db/internal/engine"
)

// New returns the database that cfg names. It opens nothing yet.
func New(cfg Config) engine.Database {
	d := &database{cfg: cfg, closing: make(chan struct{})}
	if !cfg.Memory {
		d.name, d.nameErr = filepath.Abs(cfg.Path)
	}
	return d
}

type database struct {
	cfg Config
	// name is the file's absolute path, so that all connections are to one file,
	// wherever the process goes; or, once it is held, that of one in memory.
	name    string
	nameErr error

	closing   chan struct{} // closed by Interrupt
	interrupt sync.Once

	mu       sync.Mutex
	memory   *memDatabase // which is held, so that it lives while there is no connection
	queue    *queue
	queueKey string
}

// Connect implements [engine.Database].
func (d *database) Connect(ctx context.Context) (engine.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.prepare(); err != nil {
		return nil, engineError(err)
	}
	c, err := d.open()
	if err != nil {
		return nil, engineError(err)
	}
	if err := c.setUp(ctx); err != nil {
		c.Close()
		return nil, engineError(err)
	}
	return c, nil
}

// prepare does what the first connection needs, and each one after it again: the file
// may have gone.
func (d *database) prepare() error {
	switch {
	case d.cfg.Memory:
		return d.holdMemory()
	case d.nameErr != nil:
		return &FileError{d.cfg.Path, fmt.Sprintf("can't be found: %v", d.nameErr), d.nameErr}
	}
	if d.cfg.Mode != ReadOnly {
		if err := d.refuseNetwork(); err != nil {
			return err
		}
	}
	return prepareFile(d.name, d.cfg.Path, d.cfg.Mode)
}

func (d *database) holdMemory() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.memory != nil {
		return nil
	}
	if err := registerMemVFS(); err != nil {
		return err
	}
	d.memory = holdMemory(d.cfg.Path)
	d.name = d.memory.path
	return nil
}

// open opens a connection that isn't set up.
func (d *database) open() (*conn, error) {
	name, queue := d.writers()
	c, err := openConn(d.cfg, name)
	if err != nil {
		return nil, err
	}
	c.queue, c.pool = queue, d.closing
	return c, nil
}

// writers returns the name of the database and the queue of those who write to it. The
// file exists.
func (d *database) writers() (name string, q *queue) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queue == nil {
		d.queueKey = d.name
		if !d.cfg.Memory {
			d.queueKey = "file:" + realPath(d.name)
		}
		d.queue = takeQueue(d.queueKey)
	}
	return d.name, d.queue
}

// Interrupt implements [engine.Database].
func (d *database) Interrupt() {
	d.interrupt.Do(func() { close(d.closing) })
}

// Close implements [engine.Database]: with it a database in memory ends.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queue != nil {
		dropQueue(d.queueKey)
		d.queue = nil
	}
	if d.memory != nil {
		d.memory.release()
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
