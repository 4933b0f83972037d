package sqlite

import "strings"

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
