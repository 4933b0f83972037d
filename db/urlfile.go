package db

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/duolite/duolite/db/internal/replica"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// The meaning of a path or a URI depends on the operating system. It is the argument goos, a
// value of runtime.GOOS, so that each system is tested on all.

// parsePath parses a plain path, which is taken literally.
func parsePath(path, goos string) (sqlite.Config, error) {
	if _, query := cutQuery(path, goos); query != "" || strings.HasSuffix(path, "?") {
		return sqlite.Config{}, errors.New("a path with parameters must be a URI: file:app.db?mode=ro (write a ? in the name as %3F)")
	}
	return sqlite.Config{Path: fromSlash(path, goos), Mode: sqlite.ReadWriteCreate}, nil
}

// parseReplica parses the path of a local copy.
func (c *config) parseReplica(path, goos string) error {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:") {
		return errors.New("replica wants the path of a file: replica=app.db")
	}
	file, err := parsePath(path, goos)
	if err != nil {
		return err
	}
	file.SharedCache = defaultCache
	c.replica = &replica.Config{Local: file}
	return nil
}

// modes has the values of the parameter mode of a file: URI, as SQLite defines them.
// https://sqlite.org/uri.html
var modes = map[string]sqlite.Mode{
	"":    sqlite.ReadWriteCreate,
	"rwc": sqlite.ReadWriteCreate,
	"rw":  sqlite.ReadWrite,
	"ro":  sqlite.ReadOnly,
}

// parseFile parses the part of a URI after "file:".
func parseFile(rest, goos string) (sqlite.Config, error) {
	none := sqlite.Config{}
	rest, query := cutQuery(rest, goos)
	if strings.ContainsRune(rest+query, '#') {
		return none, errors.New("a # in a file: URI starts a fragment, which isn't supported; write a # in the name as %23")
	}
	params, err := parseParams(query, fileParams...)
	if err != nil {
		return none, err
	}
	if rest, err = trimAuthority(rest); err != nil {
		return none, err
	}
	path, err := url.PathUnescape(rest)
	if err != nil || strings.ContainsFunc(path, unicode.IsControl) {
		return none, errors.New("file: URI: the path has a bad escape; write a % in the name as %25")
	}
	mode := params.Get("mode")
	switch {
	case path == ":memory:" && mode != "" && mode != "memory":
		return none, errors.New("file::memory: is not a file; leave out the mode")
	case path == "":
		return none, fmt.Errorf("file: URI without a path; %s", wantURL)
	case path == ":memory:" || mode == "memory":
		if params.Has("immutable") {
			return none, errors.New("file: URI: immutable is for a file on a disk, not for a database in memory")
		}
		if path == ":memory:" { // without a name
			path = ""
		}
		return sqlite.Config{Memory: true, Path: path}, nil
	}
	cfg := sqlite.Config{Path: fromSlash(trimDriveSlash(path, goos), goos)}
	var known bool
	if cfg.Mode, known = modes[mode]; !known {
		return none, errors.New("file: URI: unknown mode; want mode=rwc (the default), rw, ro or memory")
	}
	if err := parseImmutable(&cfg, params); err != nil {
		return none, err
	}
	return cfg, nil
}

// parseImmutable parses the parameter immutable, which sets the mode to ro.
func parseImmutable(cfg *sqlite.Config, params url.Values) error {
	switch value, mode := params.Get("immutable"), params.Get("mode"); {
	case !params.Has("immutable"), value == "0":
		return nil
	case value != "1":
		return errors.New("file: URI: unknown value of immutable; want immutable=1, or 0 (the default)")
	case mode != "" && mode != "ro":
		return fmt.Errorf("file: URI: immutable=1 is for a file that nobody writes, and mode=%s writes it; want mode=ro, or no mode", mode)
	}
	cfg.Immutable, cfg.Mode = true, sqlite.ReadOnly
	return nil
}

// cutQuery splits off the parameters. On Windows a path may begin with \\?\, as in
// \\?\C:\app.db; that question mark doesn't begin the parameters.
func cutQuery(rest, goos string) (path, query string) {
	begins := 0
	if goos == "windows" && (strings.HasPrefix(rest, `\\?\`) || strings.HasPrefix(rest, `//?/`)) {
		begins = 4
	}
	path, query, _ = strings.Cut(rest[begins:], "?")
	return rest[:begins] + path, query
}

// trimAuthority removes the authority of file:///path and file://localhost/path.
func trimAuthority(path string) (string, error) {
	rest, found := strings.CutPrefix(path, "//")
	if !found || strings.HasPrefix(rest, "?/") {
		return path, nil
	}
	host, _, slash := strings.Cut(rest, "/")
	if !slash || (host != "" && host != "localhost") {
		return "", errors.New("file: URI with a host; want file:app.db, file:/path/app.db or file:///path/app.db")
	}
	return rest[len(host):], nil
}

// trimDriveSlash removes the slash before a drive letter, as in file:///C:/app.db: it belongs
// to the URI, not to the path.
func trimDriveSlash(path, goos string) string {
	if goos != "windows" || len(path) < 3 || path[0] != '/' || path[2] != ':' {
		return path
	}
	if letter := path[1] | 0x20; letter < 'a' || letter > 'z' {
		return path
	}
	return path[1:]
}

// fromSlash returns path with the separators of the operating system.
func fromSlash(path, goos string) string {
	if goos == "windows" {
		return strings.ReplaceAll(path, "/", `\`)
	}
	return path
}
