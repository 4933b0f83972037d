package sqlite

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/duolite/duolite/db/internal/engine"
)

// New returns the database that cfg names. It opens nothing yet.
func New(cfg Config) engine.Database {
	d := &database{cfg: cfg}
	if cfg.Memory {
		// Named, since one without a name is each connection's own.
		if cfg.Path == "" {
			d.cfg.Path = rand.Text()
		}
		d.name = "/duolite/" + d.cfg.Path
	} else {
		d.name, d.nameErr = filepath.Abs(cfg.Path)
	}
	return d
}

type database struct {
	cfg Config
	// name is the file's absolute path, so that all connections are to one file,
	// wherever the process goes; or the name of the database in memory.
	name    string
	nameErr error

	mu       sync.Mutex
	anchor   *conn // keeps a database in memory alive while there is no other connection
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
		return d.holdAnchor()
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

func (d *database) holdAnchor() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.anchor != nil {
		return nil
	}
	anchor, err := openConn(d.cfg, d.name)
	d.anchor = anchor
	return err
}

// open opens a connection that isn't set up.
func (d *database) open() (*conn, error) {
	c, err := openConn(d.cfg, d.name)
	if err != nil {
		return nil, err
	}
	c.queue = d.writers()
	return c, nil
}

// writers returns the queue of those who write to the database. The file exists.
func (d *database) writers() *queue {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queue == nil {
		d.queueKey = "memory:" + d.name
		if !d.cfg.Memory {
			d.queueKey = "file:" + realPath(d.name)
		}
		d.queue = takeQueue(d.queueKey)
	}
	return d.queue
}

// Close implements [engine.Database]: with it a database in memory ends.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queue != nil {
		dropQueue(d.queueKey)
		d.queue = nil
	}
	if d.anchor == nil {
		return nil
	}
	err := d.anchor.Close()
	d.anchor = nil
	return err
}

// realPath returns the path of a file without links, or the path as it is.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
