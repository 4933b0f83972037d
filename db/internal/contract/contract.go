// Package contract is the one driver of database/sql over all engines. What a program
// can tell from behaviour is written here, once: values, parameters, transactions,
// scripts, cancellation, column types. The engines below it only run what they are given.
package contract

import (
	"context"
	"database/sql/driver"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// NewConnector returns a connector to the database. Every error passes through
// translate, except those of contexts and the signals to database/sql.
func NewConnector(database engine.Database, translate func(error) error, d driver.Driver) driver.Connector {
	return &connector{database: database, translate: translate, driver: d, conns: make(map[*conn]struct{})}
}

type connector struct {
	database  engine.Database
	translate func(error) error
	driver    driver.Driver
	closed    atomic.Bool
	limit     func() int  // the pool's limit of open connections, or nil if it isn't known
	several   atomic.Bool // there were two connections at a time
	textTx    atomic.Pointer[textTx]
	after     func() // a connection was closed

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// LimitBy tells a connector of this package how to find out its pool's limit of open
// connections. It is called before the first connection.
func LimitBy(of driver.Connector, limit func() int) {
	of.(*connector).limit = limit
}

// AfterClose has a connector of this package call f after each connection that it closes. It is
// called before the first connection.
func AfterClose(of driver.Connector, f func()) {
	of.(*connector).after = f
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.closed.Load() {
		return nil, c.translate(engine.ErrClosed)
	}
	if lean, ok := ctx.(*leanContext); ok {
		ctx = lean.Context // for a function that finds the token, and may keep it
	}
	inner, err := c.database.Connect(ctx)
	if err != nil {
		return nil, c.translate(err)
	}
	made := &conn{engine: inner, owner: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() { // meanwhile
		inner.Close()
		return nil, c.translate(engine.ErrClosed)
	}
	c.conns[made] = struct{}{}
	if len(c.conns) > 1 {
		c.several.Store(true)
	}
	return made, nil
}

func (c *connector) forget(closed *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, closed)
}

func (c *connector) Driver() driver.Driver {
	return c.driver
}

// closeTimeout bounds how long Close waits for the calls that it has ended.
const closeTimeout = 5 * time.Second

// Close ends the calls that are under way, and lets go of what the engine holds besides
// its connections. The pool calls it when it is closed; database/sql itself would let
// what runs run on.
func (c *connector) Close() error {
	c.closed.Store(true)
	c.database.Interrupt()
	c.awaitCalls()
	return c.translate(c.database.Close())
}

// awaitCalls waits until no connection is in a call, but not for longer than closeTimeout.
func (c *connector) awaitCalls() {
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		c.mu.Lock()
		conns := slices.Collect(maps.Keys(c.conns))
		c.mu.Unlock()
		for _, conn := range conns {
			conn.busy.Lock()
			conn.busy.Unlock() //lint:ignore SA2001 only to have waited
		}
	}()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
}
