package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// NewConnector returns a connector to the database.
func NewConnector(cfg Config) driver.Connector {
	c := &connector{cfg: cfg}
	if cfg.Memory {
		// Named, since one without a name is each connection's own.
		if cfg.Path == "" {
			c.cfg.Path = rand.Text()
		}
		c.cfg.Path = "duolite/" + c.cfg.Path
	} else {
		c.file, c.fileErr = filepath.Abs(cfg.Path)
	}
	return c
}

type connector struct {
	cfg     Config
	file    string // absolute: all connections are to one file, wherever the process goes
	fileErr error

	mu     sync.Mutex
	anchor driver.Conn // keeps a database in memory alive while the pool has no connection
}

// Connect implements [driver.Connector].
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	return c.open(ctx)
}

func (c *connector) prepare(ctx context.Context) error {
	switch {
	case c.cfg.Memory:
		return c.holdAnchor(ctx)
	case c.fileErr != nil:
		return &FileError{c.cfg.Path, fmt.Sprintf("can't be found: %v", c.fileErr), c.fileErr}
	default:
		return prepareFile(c.file, c.cfg.Path, c.cfg.Mode)
	}
}

// Driver implements [driver.Connector].
func (c *connector) Driver() driver.Driver {
	return &modernc.Driver{}
}

// Close implements [io.Closer]: with it a database in memory ends.
func (c *connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.anchor == nil {
		return nil
	}
	err := c.anchor.Close()
	c.anchor = nil
	return err
}

var _ io.Closer = (*connector)(nil)

func (c *connector) holdAnchor(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.anchor != nil {
		return nil
	}
	anchor, err := c.open(ctx)
	c.anchor = anchor
	return err
}

func (c *connector) open(ctx context.Context) (driver.Conn, error) {
	inner, err := modernc.NewConnector(c.cfg.dsn(c.file))
	if err != nil {
		return nil, err
	}
	conn, err := inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.setUp(ctx, conn); err != nil {
		return nil, errors.Join(c.explain(err), conn.Close())
	}
	return conn, nil
}

// explain says what SQLite means when it can't write before anybody wanted it to.
func (c *connector) explain(err error) error {
	var e *modernc.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_READONLY {
		return &FileError{c.cfg.Path, "can't be opened: its log, which SQLite keeps next to it, can't be written", err}
	}
	return err
}

// setUp gives a connection its settings. They belong to the connection and not to
// the database, so each one needs them.
func (c *connector) setUp(ctx context.Context, conn driver.Conn) error {
	for _, pragma := range c.cfg.pragmas() {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, pragma, nil); err != nil {
			return err
		}
	}
	if c.cfg.Memory || c.cfg.Mode == ReadOnly {
		return nil
	}
	if err := refuseReadOnly(conn, c.cfg.Path); err != nil {
		return err
	}
	return useWAL(ctx, conn, c.cfg)
}

// refuseReadOnly fails on a file that can't be written: SQLite would open it all the
// same, for reading, and leave the surprise to the first write.
func refuseReadOnly(conn driver.Conn, path string) error {
	readOnly, err := conn.(interface{ IsReadOnly(string) (bool, error) }).IsReadOnly("main")
	if err != nil {
		return err
	}
	if readOnly {
		return fileError(path, "can't be written: its permissions or its file system are read-only; open it with file:PATH?mode=ro to read it")
	}
	return nil
}

// useWAL turns the write-ahead log on. The file remembers, so that all but the first
// connection find it on. SQLite's busy timeout doesn't cover the change: when several
// processes open a new file at once, all but one are told that it is locked.
func useWAL(ctx context.Context, conn driver.Conn, cfg Config) error {
	for deadline := time.Now().Add(cfg.BusyTimeout); ; {
		mode, err := queryText(ctx, conn, "PRAGMA journal_mode = WAL")
		switch {
		case err == nil && mode != "wal":
			return fileError(cfg.Path, fmt.Sprintf("can't keep a write-ahead log (its journal mode stays %q)", mode))
		case err == nil, !isBusy(err), time.Now().After(deadline):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func isBusy(err error) bool {
	var e *modernc.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// queryText returns the one value of a query.
func queryText(ctx context.Context, conn driver.Conn, query string) (text string, err error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(values); err != nil {
		return "", err
	}
	return fmt.Sprint(values[0]), nil
}
