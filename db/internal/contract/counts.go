package contract

import (
	"database/sql/driver"
	"runtime"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// Counts are the counts of a connection or of a pool. They only grow.
type Counts struct {
	// Calls is the number of calls of Query and Exec, and of statements in batches.
	Calls int64
	// Compiled is the number of statements that weren't in the connection's cache.
	Compiled int64
	engine.Meter
	engine.FileCounts
}

// Add adds the counts of another connection.
func (c *Counts) Add(other Counts) {
	c.Calls += other.Calls
	c.Compiled += other.Compiled
	c.Meter.Add(other.Meter)
	c.PageHits += other.PageHits
	c.PageMisses += other.PageMisses
	c.Checkpoints = max(c.Checkpoints, other.Checkpoints) // which is the file's
}

// count returns the counts of the connection. The caller holds busy.
func (c *conn) count() Counts {
	now := c.counts
	for _, m := range c.meters {
		now.Meter.Add(*m)
	}
	if f, ok := c.engine.(engine.FileCounter); ok {
		now.FileCounts = f.FileCounts()
	}
	return now
}

// CountsOf returns the counts of a connector of this package. A call that runs is counted with the next
// CountsOf after its end.
func CountsOf(of driver.Connector) Counts {
	c := of.(*connector)
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := c.counts
	for conn := range c.conns {
		if conn.tryEnter() {
			conn.shown = conn.count()
			conn.busy.Unlock()
		}
		sum.Add(conn.shown)
	}
	return sum
}

// enterTime limits tryEnter. Most calls are shorter.
const enterTime = 50 * time.Microsecond

// tryEnter takes busy, unless a long call has it.
func (c *conn) tryEnter() bool {
	for began := time.Now(); ; runtime.Gosched() {
		switch {
		case c.busy.TryLock():
			return true
		case time.Since(began) > enterTime:
			return false
		}
	}
}
