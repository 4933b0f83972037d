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
	if device, found := strings.CutPrefix(rest, `?\`); found {
		return len(device) >= 4 && strings.EqualFold(device[:4], `UNC\`)
	}
	if device, found := strings.CutPrefix(rest, `.\`); found {
		return len(device) >= 4 && strings.EqualFold(device[:4], `UNC\`)
	}
	return true
}
