package db

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/contract"
)

// DBStats are counts of a pool since it was opened. All of them only grow, except for the numbers of
// connections in [sql.DBStats].
type DBStats struct {
	// The counts of database/sql. Its WaitCount and WaitDuration are about calls that waited for a
	// connection of the pool.
	sql.DBStats

	// Calls is the number of calls of Exec and Query, and of statements in batches.
	Calls int64
	// Compiled is the number of statements that weren't in their connection's cache of the last 128.
	Compiled int64

	// Waits is the number of times that a write waited: for its turn, for the lock of another process,
	// or for a server that was busy. Waited is the time of all.
	Waits  int64
	Waited time.Duration

	// Requests is the number of requests to a server, of which Repeats were sent again. A replica's
	// requests for changes aren't counted. Sent and Received are the bytes of the requests and of the
	// answers, before compression.
	Requests, Repeats int64
	Sent, Received    int64

	// PageHits is the number of pages of a file that were in the caches of the connections, and
	// PageMisses of those that were read from the file or from its log.
	PageHits, PageMisses int64
	// Checkpoints is the number of times that this process began to move the file's log into the file.
	// It is counted on Linux, and not with WithPlainSQLite.
	Checkpoints int64
}

// Stats returns the counts of a pool of [Open], or of sql.OpenDB with the connector of [NewConnector]. It
// uses no connection, and sends no request. Calls that run are counted after their end. A pool of a
// wrapper's driver has no counts, which is an error.
//
//	expvar.Publish("db", expvar.Func(func() any {
//		stats, _ := db.Stats(pool)
//		return stats
//	}))
func Stats(pool *sql.DB) (DBStats, error) {
	if pool == nil {
		return DBStats{}, errors.New("Stats: the pool is nil")
	}
	d, ok := pool.Driver().(sqlDriver)
	if !ok || d.connector == nil {
		return DBStats{}, fmt.Errorf("Stats: the pool has the driver %T; want a pool of db.Open", pool.Driver())
	}
	c := contract.CountsOf(d.connector)
	return DBStats{
		DBStats:  pool.Stats(),
		Calls:    c.Calls,
		Compiled: c.Compiled,
		Waits:    c.Waits, Waited: c.Waited,
		Requests: c.Requests, Repeats: c.Repeats,
		Sent: c.Sent, Received: c.Received,
		PageHits: c.PageHits, PageMisses: c.PageMisses,
		Checkpoints: c.Checkpoints,
	}, nil
}
