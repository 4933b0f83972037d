package sqlite

import (
	"os"
	"path/filepath"
	"strings"
)

// immutableName returns the URI by which SQLite reads a file without locks and without a log.
// https://sqlite.org/uri.html#uriimmutable
func immutableName(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/app.db
		path = "/" + path
	}
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?immutable=1"
}

// refuseUnread fails if a log or a journal next to a file has changes. With immutable=1 SQLite reads
// neither.
func refuseUnread(real, shown string) error {
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(real + suffix); err == nil && info.Size() > 0 {
			return fileError(shown, "can't be read with immutable=1: next to it is "+shown+suffix+" with changes that wouldn't be seen; "+
				"open it once where it can be written, and close it there, so that the file has them all")
		}
	}
	return nil
}
