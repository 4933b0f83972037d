//go:build !linux && !darwin && !windows

package sqlite

// networkFS knows of no network file system here.
func networkFS(string) (string, error) { return "", nil }
