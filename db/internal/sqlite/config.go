// Package sqlite is the engine in the process: SQLite on a file or in memory.
//
// It calls the library of modernc.org/sqlite, which is SQLite's source in Go, and not that module's
// driver: no goroutine watches the context, no statement is compiled for each run, and no value is
// converted twice. The connections of a process write one after the other, first come first served
// (queue.go).
//
// The packages below it don't know it: cmem has SQLite's memory, pagecache its page cache, filevfs and
// memvfs the file systems for files and for databases in memory, with vfs as their common part, and
// fileid the identity of files.
package sqlite

import "time"

// A Mode says how a file may be used. It has the values of the parameter mode in SQLite's URIs.
type Mode string

const (
	// ReadWriteCreate reads and writes, and makes the file if there is none.
	ReadWriteCreate Mode = "rwc"
	// ReadWrite reads and writes a file that exists.
	ReadWrite Mode = "rw"
	// ReadOnly writes nothing.
	ReadOnly Mode = "ro"
)

// Config names a database, and says how to open it.
type Config struct {
	// Path is the file. With Memory it is a name by which several pools of the
	// process share one database, or "" for one of the connector's own.
	Path string
	// Memory keeps the database in memory, for as long as the connector is open.
	Memory bool
	// Mode says how the file may be used.
	Mode Mode
	// BusyTimeout is how long to wait for another connection's lock.
	BusyTimeout time.Duration
	// AllowNetworkFS keeps a write-ahead log on a file system that other machines
	// may reach too, which is safe as long as none does.
	AllowNetworkFS bool
	// Immutable reads a file that nobody changes, without locks and without its log.
	Immutable bool
	// FullSync waits for the disk at each commit.
	FullSync bool
	// DoubleQuotedStrings makes a string of a name in double quotes that names no column.
	DoubleQuotedStrings bool
	// Replica writes a file that is read-only for all other connections (filevfs/replica.go).
	Replica bool
	// Extensions are the program's, for each connection, or nil.
	Extensions *Extensions
	// Waiter learns which connections wait for their turn to write. It may be nil.
	Waiter Waiter
	// SharedCache is the memory, in bytes, that the page caches of all connections may take together,
	// besides the 2 MB that SQLite's cache_size allows each.
	SharedCache int64
	// Plain leaves the connections to SQLite's own page cache, and keeps no read locks.
	Plain bool
}

// A Waiter counts the connections that wait.
type Waiter interface {
	// Waits is called with 1 when a connection begins to wait, and with -1 when it has waited.
	Waits(more int)
}

// settings returns the statements that set each connection up, in this order.
func (c Config) settings() []string {
	// With a write-ahead log a commit in NORMAL doesn't wait for the disk. A power cut can undo the latest
	// commits, each as a whole.
	synchronous := "PRAGMA synchronous = NORMAL"
	if c.FullSync {
		synchronous = "PRAGMA synchronous = FULL"
	}
	settings := []string{
		// SQLite's default is to ignore them.
		"PRAGMA foreign_keys = ON",
		synchronous,
		// Sorting and temporary indexes in memory, not in files.
		"PRAGMA temp_store = MEMORY",
		// Cut the log back after a large transaction, to 64 MiB.
		"PRAGMA journal_size_limit = 67108864",
	}
	if c.Mode == ReadOnly {
		settings = append(settings, "PRAGMA query_only = ON")
	}
	return settings
}
