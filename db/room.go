package db

import (
	"database/sql"
	"sync"
	"time"
)

const (
	// maxRoom limits the connections beyond the limit of a pool. Each has a cache and some files.
	maxRoom = 112
	// roomTime is how long a pool keeps its room after the last connection has waited.
	roomTime = time.Second
)

// A room is the number of connections that a pool may have beyond its limit. A connection that waits for its
// turn to write belongs to its caller and does nothing. With many writers all connections would
// wait, and none would be left for reads. So waiting connections don't count.
//
// A call that began to wait for a connection before there was room waits until one returns, as
// database/sql opens no connection for it when the limit rises.
//
// The limit stays up for some time, since database/sql closes a connection that returns to a pool with more
// than its limit.
type room struct {
	mu      sync.Mutex
	pool    *sql.DB // nil if the limit is the program's
	limit   int
	waiting int
	set     int // the last limit that the pool got
	waited  time.Time
}

// opens sets the pool.
func (r *room) opens(pool *sql.DB, limit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pool, r.limit, r.set = pool, limit, limit
}

// Waits implements [sqlite.Waiter].
func (r *room) Waits(more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting += more
	if r.pool == nil {
		return
	}
	want := r.limit + min(r.waiting, maxRoom)
	now := time.Now()
	switch {
	case want > r.set:
	case r.waiting == 0 && r.set > r.limit && now.Sub(r.waited) > roomTime:
	default:
		if r.waiting > 0 {
			r.waited = now
		}
		return
	}
	r.waited = now
	if r.pool.Stats().MaxOpenConnections != r.set {
		r.pool = nil // the program has set a limit
		return
	}
	r.set = want
	r.pool.SetMaxOpenConns(want)
}
