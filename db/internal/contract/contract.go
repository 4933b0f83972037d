// Package contract is the database/sql driver that all engines share. It implements the
// behaviour that a program can observe: values, parameters, transactions, scripts,
// cancellation, column types. The engines below it only run statements.
package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/db/internal/engine"
)

// NewConnector returns a connector to the database. Every error passes through translate,
// except errors of contexts and errors that signal something to database/sql. The connector's
// driver is the result of driverOf.
func NewConnector(database engine.Database, translate func(error) error, driverOf func(driver.Connector) driver.Driver) driver.Connector {
	c := &connector{database: database, translate: translate, conns: make(map[*conn]struct{})}
	c.driver = driverOf(c)
	return c
}

type connector struct {
	database  engine.Database
	translate func(error) error
	driver    driver.Driver
	closed    atomic.Bool
	limit     func() int  // the pool's limit on open connections, or nil if unknown
	several   atomic.Bool // two connections were open at the same time
	textTx    atomic.Pointer[textTx]
	after     func()                                 // a connection was closed
	setUp     func(context.Context, *sql.Conn) error // of each new connection, or nil
	tracing   Tracing

	mu     sync.Mutex
	conns  map[*conn]struct{}
	counts Counts // of closed connections
}

// LimitBy sets the function that returns the pool's limit on open connections. It must be
// called before the first connection.
func LimitBy(of driver.Connector, limit func() int) {
	of.(*connector).limit = limit
}

// AfterClose has a connector of this package call f after each connection that it closes. It is
// called before the first connection.
func AfterClose(of driver.Connector, f func()) {
	of.(*connector).after = f
}

func (c *connector) Connect(ctx context.Context) (made driver.Conn, err error) {
	if !c.traced() {
		return c.connect(ctx)
	}
	t := &trace{owner: c}
	t.call.Op = dbtrace.Connect
	t.start(ctx)
	err = errSetUpPanicked // unless connect returns
	defer func() {
		if conn, ok := made.(*conn); ok {
			t.count(conn, 1)
		}
		t.end(0, err)
	}()
	return c.connect(ctx)
}

var errSetUpPanicked = errors.New("the program's set-up of the connection didn't return")

func (c *connector) connect(ctx context.Context) (driver.Conn, error) {
	if c.closed.Load() {
		return nil, c.translate(engine.ErrClosed)
	}
	if lean, ok := ctx.(*leanContext); ok {
		ctx = lean.Context // ctx may reach a function that fetches the token, and may retain it
	}
	inner, err := c.database.Connect(ctx)
	if err != nil {
		return nil, c.translate(err)
	}
	made := &conn{engine: inner, owner: c}
	if m, ok := inner.(engine.Metered); ok {
		made.meters = m.Meters()
	}
	if c.setUp != nil {
		if err := c.setUpNew(ctx, made); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() { // during Connect
		inner.Close()
		return nil, c.translate(engine.ErrClosed)
	}
	c.conns[made] = struct{}{}
	if len(c.conns) > 1 {
		c.several.Store(true)
	}
	return made, nil
}

// setUpNew sets a new connection up, or closes it.
func (c *connector) setUpNew(ctx context.Context, made *conn) error {
	ready := false
	defer func() { // also after a panic
		if !ready {
			made.cache.clear()
			made.variants.clear()
			made.engine.Close()
		}
	}()
	err := made.runSetUp(ctx)
	ready = err == nil
	return err
}

// forget removes a closed connection, and keeps its counts.
func (c *connector) forget(closed *conn, last Counts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, closed)
	c.counts.Add(last)
}

func (c *connector) Driver() driver.Driver {
	return c.driver
}

// closeTimeout limits how long Close waits for interrupted calls.
const closeTimeout = 5 * time.Second

// Close interrupts the running calls, and releases the engine's other resources. database/sql
// calls it when the pool is closed, and would let running calls continue.
func (c *connector) Close() error {
	c.closed.Store(true)
	c.database.Interrupt()
	c.awaitCalls()
	return c.translate(c.database.Close())
}

// awaitCalls waits at most closeTimeout until no connection is in a call.
func (c *connector) awaitCalls() {
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		c.mu.Lock()
		conns := slices.Collect(maps.Keys(c.conns))
		c.mu.Unlock()
		for _, conn := range conns {
			conn.busy.Lock()
			conn.busy.Unlock() //lint:ignore SA2001 only waits
		}
	}()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
}
