package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

// undoCommand returns the command down, or redo, which applies the migration again.
func (m *migrator) undoCommand(name, short string, again bool) *cobra.Command {
	var yes bool
	cmd := m.addDatabase(&cobra.Command{
		Use:   name,
		Short: short,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := m.files()
			if err != nil {
				return err
			}
			applied, err := m.confirmed(cmd.Context(), files, yes)
			if err != nil {
				return err
			}
			pool, _, err := m.database.open(cmd.Context())
			if err != nil {
				return err
			}
			defer pool.Close()
			undone, err := db.MigrateDown(cmd.Context(), pool, files)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.ErrOrStderr(), "undone", output.Line(undone.Name))
			if again {
				_, err = migrate(cmd, pool, migrations.Only(files, applied)) // and no pending one
			}
			return err
		},
	})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

// confirmed asks whether the newest migration may be undone, and returns the names of all applied ones.
func (m *migrator) confirmed(ctx context.Context, files fs.FS, yes bool) ([]string, error) {
	pool, shown, err := m.openToRead(ctx)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	all, err := db.MigrationStatus(ctx, pool, files)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(one db.Migration) bool { return !one.Applied })
	if len(all) == 0 {
		return nil, db.ErrNoMigration
	}
	var names []string
	for _, one := range all {
		names = append(names, one.Name)
	}
	if yes {
		return names, nil
	}
	newest, err := newestOf(ctx, pool, all)
	if err != nil {
		return nil, err
	}
	err = prompt.Confirm(ctx, fmt.Sprintf("undo %s of %s, and lose what its tables and columns hold?", output.Line(newest), output.Line(shown)))
	if errors.Is(err, prompt.ErrNoAnswer) {
		return nil, usage.Errorf("%v", err)
	}
	return names, err
}

// newestOf returns the name of the migration that was applied last, which db.MigrateDown undoes.
func newestOf(ctx context.Context, pool *sql.DB, applied []db.Migration) (string, error) {
	var version int64
	err := pool.QueryRowContext(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id DESC LIMIT 1").Scan(&version)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(applied, func(one db.Migration) bool { return one.Version == version })
	if i < 0 { // another process has undone it meanwhile
		return "", db.ErrNoMigration
	}
	return applied[i].Name, nil
}
