package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/schollz/progressbar/v3"
)

// openToRead is open for a verb that only reads. A file has to exist, and keeps its journal mode. The second result is
// the URL as the user wrote it, without secrets.
func (l *location) openToRead(ctx context.Context, more ...db.Option) (*sql.DB, string, error) {
	found, _, err := l.resolve()
	if err != nil {
		return nil, "", err
	}
	file, ok := readOnlyFile(found)
	if !ok {
		return l.open(ctx, more...)
	}
	pool, _, err := (&location{url: file}).open(ctx, more...)
	shown := db.Redact(found)
	if errors.Is(err, fs.ErrNotExist) { // the error of package db is about mode=ro, which the user hasn't written
		err = fmt.Errorf("%s: %w", shown, fs.ErrNotExist)
	}
	return pool, shown, err
}

// openWithEngine is openToRead, and returns the engine too. It shows the copying of a new replica.
func (l *location) openWithEngine(ctx context.Context) (*sql.DB, db.Engine, string, error) {
	found, _, err := l.resolve()
	if err != nil {
		return nil, "", "", err
	}
	engine, err := db.EngineOf(found)
	if err != nil {
		return nil, "", "", err
	}
	var opts []db.Option
	if engine == db.LibSQLReplica {
		opts = append(opts, db.WithReplicaProgress(replicaProgress()))
	}
	pool, shown, err := l.openToRead(ctx, opts...)
	return pool, engine, shown, err
}

// replicaProgress returns a function that shows the progress of copying a server's database.
func replicaProgress() func(frames, all uint64) {
	var bar *progressbar.ProgressBar
	return func(frames, all uint64) {
		if bar == nil {
			bar = output.Progress(int64(all), "copying")
		}
		_ = bar.Set64(int64(frames))
	}
}

// readOnlyFile returns the URL that opens the same file read-only. It reports whether found names a file.
func readOnlyFile(found string) (string, bool) {
	if engine, err := db.EngineOf(found); err != nil || engine != db.SQLite {
		return "", false
	}
	scheme, rest, isURI := strings.Cut(found, ":")
	isURI = isURI && strings.EqualFold(scheme, "file")
	switch {
	case found == ":memory:", isURI && strings.HasPrefix(rest, ":memory:"):
		return "", false
	case !isURI:
		return "file:" + (&url.URL{Path: filepath.ToSlash(found)}).EscapedPath() + "?mode=ro", true
	}
	path, query, _ := strings.Cut(rest, "?")
	params, err := url.ParseQuery(query)
	switch {
	case err != nil, params.Get("mode") == "memory":
		return "", false
	case params.Get("immutable") == "1": // which is read-only
		return found, true
	}
	params.Set("mode", "ro")
	return "file:" + path + "?" + params.Encode(), true
}

// isSame reports whether two URLs name the same file, also through a link, or the same database of a server.
func isSame(a, b string) bool {
	fileA, errA := os.Stat(fileOf(a))
	fileB, errB := os.Stat(fileOf(b))
	if errA == nil && errB == nil {
		return os.SameFile(fileA, fileB)
	}
	return a == b || isServer(a) && isServer(b) && serverOf(a) == serverOf(b)
}

// fileOf returns the path of the file that a URL names, or "".
func fileOf(found string) string {
	file, _ := readOnlyFile(found)
	u, err := url.Parse(file)
	if err != nil {
		return ""
	}
	if path, err := url.PathUnescape(u.Opaque); err == nil && path != "" {
		return path
	}
	return u.Path
}

// serverOf returns the part of a server's URL that names the database. libsql://HOST and https://HOST are the same.
func serverOf(found string) string {
	u, err := url.Parse(found)
	if err != nil {
		return found
	}
	return strings.ToLower(u.Host) + strings.TrimSuffix(u.Path, "/") + "?" + u.Query().Get("namespace")
}
