package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
	"github.com/spf13/cobra"
)

// A status is the output of the status command.
type status struct {
	Database      string  `json:"database"`
	Engine        string  `json:"engine"`
	Server        string  `json:"server,omitempty"`
	SQLite        string  `json:"sqlite"`
	Schema        int64   `json:"schema"`        // the version that the database has
	SchemaNewest  int64   `json:"schema_newest"` // the version that this program needs
	Bookmarks     int64   `json:"bookmarks"`
	Tags          int64   `json:"tags"`
	Attachments   int64   `json:"attachments"`
	RoundTripTime float64 `json:"round_trip_ms"`
}

func (a *app) statusCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show which database is used, and how it is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pool, err := a.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer pool.Close()
			s, err := a.getStatus(cmd.Context(), pool)
			if err != nil {
				return err
			}
			if a.format == output.Table {
				return output.Record(a.stdout, a.screen(), s.fields())
			}
			return output.Rows(a.stdout, a.format, a.screen(), statusColumns, []status{s})
		},
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) getStatus(ctx context.Context, pool *sql.DB) (status, error) {
	url, _, err := a.source()
	if err != nil {
		return status{}, err
	}
	engine, err := db.EngineOf(url)
	if err != nil {
		return status{}, err
	}
	s := status{Database: db.Redact(url), Engine: string(engine)}
	if engine == db.LibSQL {
		s.Server = serverVersion(ctx, s.Database)
	}
	if s.RoundTripTime, err = roundTrip(ctx, pool, &s.SQLite); err != nil {
		return s, err
	}
	all, err := db.MigrationStatus(ctx, pool, schema.FS)
	if err != nil {
		return s, err
	}
	for _, m := range all {
		s.SchemaNewest = m.Version
		if m.Applied {
			s.Schema = m.Version
		}
	}
	if s.Schema < s.SchemaNewest {
		return s, nil // the queries need tables that may not exist
	}
	totals, err := dbsqlc.New(pool).GetTotals(ctx)
	s.Bookmarks, s.Tags, s.Attachments = totals.Bookmarks, totals.Tags, totals.Attachments
	return s, err
}

// roundTrip returns the median time of a query, in milliseconds, and SQLite's version.
func roundTrip(ctx context.Context, pool *sql.DB, sqliteVersion *string) (float64, error) {
	var times []time.Duration
	for range 5 {
		start := time.Now()
		if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(sqliteVersion); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000, nil
}

// serverVersion asks a server for its version, and sends no token. It returns "" if the
// server doesn't report a version.
func serverVersion(ctx context.Context, url string) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/version", nil)
	if err != nil {
		return ""
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || strings.Contains(response.Header.Get("Content-Type"), "html") {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 100))
	return strings.TrimSpace(string(text))
}

func (s status) fields() []output.Field {
	version := strconv.FormatInt(s.Schema, 10)
	if s.Schema < s.SchemaNewest {
		version = fmt.Sprintf("%d of %d; run: marks migrate up", s.Schema, s.SchemaNewest)
	}
	return []output.Field{
		{Name: "database", Text: s.Database},
		{Name: "engine", Text: s.Engine},
		{Name: "server", Text: s.Server},
		{Name: "SQLite", Text: s.SQLite},
		{Name: "schema", Text: version},
		{Name: "rows", Text: fmt.Sprintf("%d bookmarks, %d tags, %d attachments", s.Bookmarks, s.Tags, s.Attachments)},
		{Name: "round trip", Text: fmt.Sprintf("%.3g ms", s.RoundTripTime)},
	}
}

var statusColumns = []output.Column[status]{
	{Name: "database", Text: func(s status) string { return s.Database }},
	{Name: "engine", Text: func(s status) string { return s.Engine }},
	{Name: "server", Text: func(s status) string { return s.Server }},
	{Name: "sqlite", Text: func(s status) string { return s.SQLite }},
	{Name: "schema", Text: func(s status) string { return strconv.FormatInt(s.Schema, 10) }},
	{Name: "schema_newest", Text: func(s status) string { return strconv.FormatInt(s.SchemaNewest, 10) }},
	{Name: "bookmarks", Text: func(s status) string { return strconv.FormatInt(s.Bookmarks, 10) }},
	{Name: "tags", Text: func(s status) string { return strconv.FormatInt(s.Tags, 10) }},
	{Name: "attachments", Text: func(s status) string { return strconv.FormatInt(s.Attachments, 10) }},
	{Name: "round_trip_ms", Text: func(s status) string { return strconv.FormatFloat(s.RoundTripTime, 'f', -1, 64) }},
}
