package main

import (
	"context"
	"database/sql"
	"net/url"
	"strings"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/schollz/progressbar/v3"
)

// openToRead is open for a verb that writes nothing: it opens a file with mode=ro, so that the file isn't
// created and keeps its journal mode.
func (l *location) openToRead(ctx context.Context, more ...db.Option) (*sql.DB, string, error) {
	found, _, err := l.resolve()
	if err != nil {
		return nil, "", err
	}
	toRead := readOnly(found)
	if toRead == found {
		return l.open(ctx, more...) // with the token of its source
	}
	reader := *l
	reader.url = toRead
	return reader.open(ctx, more...)
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
		opts = append(opts, db.WithReplicaProgress(copyProgress()))
	}
	pool, shown, err := l.openToRead(ctx, opts...)
	return pool, engine, shown, err
}

// copyProgress returns a function that shows the progress of copying a server's database.
func copyProgress() func(frames, all uint64) {
	var bar *progressbar.ProgressBar
	return func(frames, all uint64) {
		if bar == nil {
			bar = output.Progress(int64(all), "copying")
		}
		_ = bar.Set64(int64(frames))
	}
}

// readOnly returns a URL with mode=ro, if it names a file and has no such parameter.
func readOnly(found string) string {
	if engine, err := db.EngineOf(found); err != nil || engine != db.SQLite || found == ":memory:" {
		return found
	}
	rest, isURI := found, false
	if scheme, path, ok := strings.Cut(found, ":"); ok && strings.EqualFold(scheme, "file") {
		rest, isURI = path, true
	}
	if !isURI {
		return "file:" + strings.NewReplacer("%", "%25", "#", "%23").Replace(rest) + "?mode=ro"
	}
	path, query, _ := strings.Cut(rest, "?")
	params, err := url.ParseQuery(query)
	switch mode := params.Get("mode"); {
	case err != nil, path == ":memory:", params.Get("immutable") == "1", mode == "memory", mode == "ro":
		return found
	}
	params.Set("mode", "ro")
	return "file:" + path + "?" + params.Encode()
}
