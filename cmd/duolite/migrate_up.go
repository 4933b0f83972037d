package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

func (m *migrator) upCommand() *cobra.Command {
	return m.addDatabase(&cobra.Command{
		Use:   "up",
		Short: "Apply all migrations that the database doesn't have",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := m.files()
			if err != nil {
				return err
			}
			pool, _, err := m.database.open(cmd.Context())
			if err != nil {
				return err
			}
			defer pool.Close()
			applied, err := migrate(cmd, pool, files)
			if err == nil && applied == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "up to date")
			}
			return err
		},
	})
}

// migrate applies the pending migrations, and prints each one when it is applied. It returns their number.
func migrate(cmd *cobra.Command, pool *sql.DB, files fs.FS) (int, error) {
	running, stop := "", func() {}
	applied, err := db.Migrate(cmd.Context(), pool, files, db.WithMigrateProgress(func(m db.Migration, took time.Duration) {
		stop()
		name := output.Line(m.Name)
		if !m.Applied {
			running, stop = name, output.Spinner("applying "+name)
			return
		}
		running = ""
		fmt.Fprintf(cmd.ErrOrStderr(), "applied %s in %.1f s\n", name, took.Seconds())
	}))
	stop()
	if errors.Is(err, context.Canceled) && running != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "duolite: %s isn't applied; duolite migrate up goes on\n", running)
	}
	return len(applied), err
}
