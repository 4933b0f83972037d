package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
	"github.com/spf13/cobra"
)

func (a *app) statusCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show which database is used, and how it is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fields, err := a.status(cmd.Context())
			if err != nil {
				return err
			}
			return output.Record(a.printer(), fields, fields)
		},
	}
	formatFlag(cmd, &a.format, output.Table, output.JSON, output.NDJSON)
	return cmd
}

func (a *app) status(ctx context.Context) ([]output.Field, error) {
	url, _, err := a.source()
	if err != nil {
		return nil, err
	}
	engine, err := db.EngineOf(url)
	if err != nil {
		return nil, err
	}
	fields := []output.Field{{Name: "database", Text: db.Redact(url)}, {Name: "engine", Text: string(engine)}}
	err = a.withAnySchema(ctx, func(pool *sql.DB) error {
		answers, err := askStatus(ctx, pool)
		fields = append(fields, answers...)
		if err == nil && engine == db.LibSQLReplica {
			fields = append(fields, replicaStatus(ctx, pool))
		}
		return err
	})
	return fields, err
}

// replicaStatus returns how far the replica has followed the server.
func replicaStatus(ctx context.Context, pool *sql.DB) output.Field {
	state, err := db.Sync(ctx, pool)
	text := fmt.Sprintf("%d frames, %d behind", state.Frames, state.Behind)
	if err != nil {
		text += "; " + err.Error()
	}
	return output.Field{Name: "replica", Text: text}
}

// askStatus returns the part of the status that the database knows.
func askStatus(ctx context.Context, pool *sql.DB) ([]output.Field, error) {
	start := time.Now()
	var version string
	if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return nil, err
	}
	roundTrip := time.Since(start).Round(10 * time.Microsecond)
	all, err := db.MigrationStatus(ctx, pool, schema.FS)
	if err != nil {
		return nil, err
	}
	applied := 0
	for _, m := range all {
		if m.Applied {
			applied++
		}
	}
	fields := []output.Field{
		{Name: "SQLite", Text: version},
		{Name: "round trip", Text: roundTrip.String()},
		{Name: "schema", Text: fmt.Sprintf("%d of %d", applied, len(all))},
	}
	if applied < len(all) {
		fields[2].Text += "; run: marks migrate up"
		return fields, nil // the queries need tables that may not exist
	}
	totals, err := dbsqlc.New(pool).GetTotals(ctx)
	rows := fmt.Sprintf("%d bookmarks, %d tags, %d attachments", totals.Bookmarks, totals.Tags, totals.Attachments)
	return append(fields, output.Field{Name: "rows", Text: rows}), err
}
