package main

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

// arguments allows from least to most arguments that aren't flags.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, words []string) error {
		switch {
		case len(words) < least:
			return usage.Errorf("an argument is missing: want %s", cmd.UseLine())
		case len(words) > most:
			return usage.Errorf("unexpected argument %q: want %s", words[most], cmd.UseLine())
		}
		return nil
	}
}

// openToRead opens a database that the verb only reads. A file has to exist, and doesn't get a write-ahead log. The
// second result is the URL as the user wrote it, without secrets.
func (l *location) openToRead(ctx context.Context) (*sql.DB, string, error) {
	found, _, err := l.resolve()
	if err != nil {
		return nil, "", err
	}
	file, ok := readOnlyFile(found)
	if !ok {
		return l.open(ctx)
	}
	pool, _, err := (&location{url: file}).open(ctx)
	return pool, db.Redact(found), err
}

// readOnlyFile returns the URL that opens the same file read-only. It reports whether found names a file.
func readOnlyFile(found string) (string, bool) {
	if engine, err := db.EngineOf(found); err != nil || engine != db.SQLite {
		return "", false
	}
	rest, isURI := strings.CutPrefix(found, "file:")
	switch {
	case found == ":memory:" || strings.HasPrefix(rest, ":memory:"):
		return "", false
	case !isURI:
		return "file:" + (&url.URL{Path: filepath.ToSlash(found)}).EscapedPath() + "?mode=ro", true
	}
	path, query, _ := strings.Cut(rest, "?")
	params, err := url.ParseQuery(query)
	if err != nil || params.Get("mode") == "memory" {
		return "", false
	}
	params.Set("mode", "ro")
	return "file:" + path + "?" + params.Encode(), true
}
