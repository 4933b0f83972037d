package main

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/schema"
	"github.com/spf13/cobra"
)

func (a *app) migrateCmd() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "migrate",
		Short: "Change the database's schema",
	})
	cmd.AddCommand(a.migrateUpCmd(), a.migrateDownCmd(), a.migrateStatusCmd())
	return cmd
}

// withAnySchema opens the database, runs fn whichever schema the database has, and closes
// it.
func (a *app) withAnySchema(ctx context.Context, fn func(*sql.DB) error) error {
	pool, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	return fn(pool)
}

func (a *app) migrateUpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Bring the schema up to this program's; safe to run at any time, and several times at once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAnySchema(cmd.Context(), func(pool *sql.DB) error {
				applied, err := db.Migrate(cmd.Context(), pool, schema.FS)
				for _, m := range applied {
					a.say("applied %s", m.Name)
				}
				if err == nil && len(applied) == 0 {
					a.say("up to date")
				}
				return err
			})
		},
	}
}

func (a *app) migrateDownCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Undo the newest migration, with the data that it made room for",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				if err := a.confirm(cmd.Context(), cmd.CommandPath(), "undo the newest migration, and lose what its tables hold?"); err != nil {
					return err
				}
			}
			return a.withAnySchema(cmd.Context(), func(pool *sql.DB) error {
				undone, err := db.MigrateDown(cmd.Context(), pool, schema.FS)
				if err == nil {
					a.say("undid %s", undone.Name)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return cmd
}

// A migrationRow is a row of the output of migrate status.
type migrationRow struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

var migrationColumns = []output.Column[migrationRow]{
	{Name: "version", Right: true, Text: func(m migrationRow) string { return strconv.FormatInt(m.Version, 10) }},
	{Name: "name", Text: func(m migrationRow) string { return m.Name }},
	{Name: "applied", Text: func(m migrationRow) string { return strconv.FormatBool(m.Applied) }},
}

func (a *app) migrateStatusCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List the migrations, and which of them the database has",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAnySchema(cmd.Context(), func(pool *sql.DB) error {
				all, err := db.MigrationStatus(cmd.Context(), pool, schema.FS)
				if err != nil {
					return err
				}
				rows := make([]migrationRow, len(all))
				for i, m := range all {
					rows[i] = migrationRow(m)
				}
				return output.Rows(a.stdout, a.format, a.screen(), migrationColumns, rows)
			})
		},
	}
	a.formatFlag(cmd)
	return cmd
}
