package sqlite

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// refuseNetwork fails where a write-ahead log would lose data: all its users need shared memory, which
// processes on several machines don't have, and SQLite doesn't notice.
// https://sqlite.org/wal.html
func refuseNetwork(cfg Config, file string) error {
	if cfg.AllowNetworkFS {
		return nil
	}
	kind, err := networkFS(file)
	if errors.Is(err, fs.ErrNotExist) {
		kind, _ = networkFS(filepath.Dir(file))
	}
	if kind == "" { // or unknown: then opening the file fails
		return nil
	}
	return networkError(cfg.Path, kind)
}

func networkError(path, kind string) error {
	return fileError(path, "can't be used where it is: its file system is "+kind+", where a write-ahead log loses data "+
		"when several machines write; keep it on a disk of this machine, let a libSQL server keep it and open its libsql:// URL, or say by WithWALOnNetwork that one machine alone uses it")
}

// refuseNetworkLog is refuseNetwork for a connection that only reads, which is safe on a file without a
// log.
func (c *conn) refuseNetworkLog() error {
	err := refuseNetwork(c.cfg, c.file)
	if err == nil {
		return nil
	}
	if mode, modeErr := c.queryText("PRAGMA journal_mode"); modeErr != nil || mode != "wal" {
		return modeErr
	}
	return err
}

// isUNC reports whether a path of Windows is on another machine: \\server\share\app.db, also as
// \\?\UNC\server\share\app.db. Those that begin with \\?\C: or \\.\ are on this one.
func isUNC(path string) bool {
	path = strings.ReplaceAll(path, "/", `\`)
	rest, found := strings.CutPrefix(path, `\\`)
	if !found {
		return false
	}
	if strings.HasPrefix(rest, `?\`) || strings.HasPrefix(rest, `.\`) { // a device
		return len(rest) >= 6 && strings.EqualFold(rest[2:6], `UNC\`)
	}
	return true
}
