package dbcheck

import "io/fs"

// Source reads the queries of a folder alone, before sqlc does.
func Source(queries fs.FS) ([]Finding, error) {
	_, findings, err := readQueries(queries)
	return findings, err
}
