package main

import (
	"database/sql"

	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/schema"
	"github.com/spf13/cobra"
)

func (a *app) migrateCmd() *cobra.Command {
	return group(&cobra.Command{
		Use:   "migrate",
		Short: "Change the database's schema; marks status shows its version",
	}, a.migrateUpCmd(), a.migrateDownCmd())
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
					say("applied %s", m.Name)
				}
				if err == nil && len(applied) == 0 {
					say("up to date")
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
				if err := prompt.Confirm(cmd.Context(), "undo the newest migration, and lose what its tables hold?"); err != nil {
					return err
				}
			}
			return a.withAnySchema(cmd.Context(), func(pool *sql.DB) error {
				undone, err := db.MigrateDown(cmd.Context(), pool, schema.FS)
				if err == nil {
					say("undid %s", undone.Name)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return cmd
}
