// Package sqlite is the engine in the process: modernc.org/sqlite on a file or in memory.
package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"time"
)

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
}

// dsn returns what modernc.org/sqlite is given to open; its parameters are
// documented at that package's Driver.Open. The file is the path's absolute form.
//
// _txlock: a transaction takes the write lock when it begins, where waiting for it is
// possible, and not at its first write, where SQLite can only fail. Read-only ones
// take none. _time_format: the driver would write Go's time.Time.String otherwise,
// which nothing reads.
func (c Config) dsn(file string) string {
	if c.Memory {
		return (&url.URL{Scheme: "file", Path: "/" + c.Path}).String() + "?vfs=memdb&_txlock=immediate&_time_format=sqlite"
	}
	path := url.URL{Path: filepath.ToSlash(file)}
	return "file:" + path.EscapedPath() + "?mode=" + string(c.Mode) + "&_txlock=immediate&_time_format=sqlite"
}

// pragmas returns what each connection is set up with, in this order.
func (c Config) pragmas() []string {
	pragmas := []string{
		// First, so that what follows waits for locks as well.
		fmt.Sprintf("PRAGMA busy_timeout = %d", c.BusyTimeout.Milliseconds()),
		// SQLite's default is to ignore them.
		"PRAGMA foreign_keys = ON",
		// With a write-ahead log a commit waits for no disk; what a power cut can
		// undo are the latest commits, never a part of one.
		"PRAGMA synchronous = NORMAL",
		// Sorting and temporary indexes in memory, not in files.
		"PRAGMA temp_store = MEMORY",
		// Cut the log back after a large transaction, to 64 MiB.
		"PRAGMA journal_size_limit = 67108864",
	}
	if c.Mode == ReadOnly {
		pragmas = append(pragmas, "PRAGMA query_only = ON")
	}
	return pragmas
}
