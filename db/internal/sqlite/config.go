// Package sqlite is the engine in the process: SQLite on a file or in memory.
//
// It calls the library of modernc.org/sqlite, which is SQLite's source in Go, and not
// that module's driver: between a statement and SQLite is no goroutine that watches a
// context, no statement compiled again, and no value converted twice. Those who write
// from this process do it one after the other, first come first served (queue.go).
package sqlite

import "time"

// A Mode says what may be done to a file. Its values are those of the parameter
// mode in SQLite's URIs.
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
	// Mode says what may be done to the file.
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
	// Plain leaves the connections to SQLite's own page cache, and keeps no read locks.
	Plain bool
}

// settings returns what each connection is set up with, in this order.
func (c Config) settings() []string {
	// With a write-ahead log a commit waits for no disk in NORMAL; what a power cut can
	// undo are the latest commits, never a part of one.
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
