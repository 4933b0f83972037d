package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

const migrateHelp = `duolite migrate applies the migrations of a folder to a database. They are SQL files in
goose's form, named like 00001_books.sql:

  -- +goose Up
  CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL);

  -- +goose Down
  DROP TABLE books;

The database keeps the numbers of its migrations in goose's table, so goose and a
program that calls db.Migrate continue from there. The folder is schema, or
migrations if only that exists, or as --dir says.

` + databaseHelp

// A migrator is the flags of duolite migrate.
type migrator struct {
	database location
	dir      string
}

func newMigrateCommand() *cobra.Command {
	var m migrator
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Change a database's schema by numbered SQL files",
		Long:  migrateHelp,
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&m.dir, "dir", "", "the folder of the migrations; default schema, or migrations")
	_ = cmd.MarkPersistentFlagDirname("dir")
	cmd.AddCommand(m.createCommand(), m.upCommand(), m.downCommand(), m.redoCommand(), m.statusCommand(), m.importCommand())
	return cmd
}

// addDatabase adds the flags for the database.
func (m *migrator) addDatabase(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&m.database.url, "db", "", "the database; default as duolite migrate --help says")
	m.database.addFlags(cmd, "")
	return cmd
}

// files returns the folder of the migrations.
func (m *migrator) files() (fs.FS, error) {
	folder := migrations.Folder(m.dir)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, usage.Errorf("there is no folder %s with migrations: name it with --dir, or make the first one by duolite migrate create NAME", folder)
	}
	return os.DirFS(folder), nil
}

func (m *migrator) createCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "create NAME",
		Short: "Write an empty migration with the next number",
		Args:  oneArgument("a name, such as add_authors"),
		RunE: func(cmd *cobra.Command, words []string) error {
			path, err := migrations.Create(migrations.Folder(m.dir), words[0], time.Now())
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), path)
			}
			return err
		},
	}
}

func (m *migrator) upCommand() *cobra.Command {
	return m.addDatabase(&cobra.Command{
		Use:   "up",
		Short: "Apply all migrations that the database doesn't have",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return m.with(cmd.Context(), func(pool *sql.DB, files fs.FS) error {
				applied, err := db.Migrate(cmd.Context(), pool, files)
				say(cmd, "applied", applied)
				if err == nil && len(applied) == 0 {
					fmt.Fprintln(cmd.ErrOrStderr(), "up to date")
				}
				return err
			})
		},
	})
}

func (m *migrator) downCommand() *cobra.Command {
	var yes bool
	cmd := m.addDatabase(&cobra.Command{
		Use:   "down",
		Short: "Undo the newest migration by its Down section",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return m.with(cmd.Context(), func(pool *sql.DB, files fs.FS) error {
				undone, err := undo(cmd, pool, files, yes)
				say(cmd, "undone", undone)
				return err
			})
		},
	})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

func (m *migrator) redoCommand() *cobra.Command {
	var yes bool
	cmd := m.addDatabase(&cobra.Command{
		Use:   "redo",
		Short: "Undo the newest migration, and apply it again",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return m.with(cmd.Context(), func(pool *sql.DB, files fs.FS) error { return redo(cmd, pool, files, yes) })
		},
	})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

// redo undoes the newest migration and applies it, and no other one.
func redo(cmd *cobra.Command, pool *sql.DB, files fs.FS, yes bool) error {
	all, err := db.MigrationStatus(cmd.Context(), pool, files)
	if err != nil {
		return err
	}
	undone, err := undo(cmd, pool, files, yes)
	say(cmd, "undone", undone)
	if err != nil {
		return err
	}
	applied, err := db.Migrate(cmd.Context(), pool, migrations.Only(files, appliedNames(all)))
	say(cmd, "applied", applied)
	return err
}

// appliedNames returns the names of the applied migrations.
func appliedNames(all []db.Migration) (names []string) {
	for _, m := range all {
		if m.Applied {
			names = append(names, m.Name)
		}
	}
	return names
}

// undo asks, and undoes the newest migration. It returns the undone one, if there is one.
func undo(cmd *cobra.Command, pool *sql.DB, files fs.FS, yes bool) ([]db.Migration, error) {
	all, err := db.MigrationStatus(cmd.Context(), pool, files)
	if err != nil {
		return nil, err
	}
	if len(appliedNames(all)) == 0 {
		return nil, db.ErrNoMigration
	}
	if !yes {
		err := prompt.Confirm(cmd.Context(), "undo the newest migration, and lose what its tables and columns hold?")
		if errors.Is(err, prompt.ErrNoAnswer) {
			return nil, usage.Errorf("%v", err)
		}
		if err != nil {
			return nil, err
		}
	}
	undone, err := db.MigrateDown(cmd.Context(), pool, files)
	if err != nil {
		return nil, err
	}
	return []db.Migration{undone}, nil
}

// A migrationRow is a row of duolite migrate status.
type migrationRow struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

func (m *migrator) statusCommand() *cobra.Command {
	var asJSON bool
	cmd := m.addDatabase(&cobra.Command{
		Use:   "status",
		Short: "List the migrations, and which of them the database has",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := m.files()
			if err != nil {
				return err
			}
			all, err := m.status(cmd.Context(), files)
			if err != nil {
				return err
			}
			var rows []migrationRow
			for _, one := range all {
				rows = append(rows, migrationRow{one.Version, one.Name, one.Applied})
			}
			return output.Rows(output.New(cmd.OutOrStdout(), format(asJSON)), []output.Column[migrationRow]{
				{Name: "version", Text: func(r migrationRow) string { return fmt.Sprint(r.Version) }, Right: true},
				{Name: "state", Text: migrationRow.state},
				{Name: "name", Text: func(r migrationRow) string { return r.Name }, Shrink: true},
			}, rows)
		},
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (r migrationRow) state() string {
	if r.Applied {
		return "applied"
	}
	return "pending"
}

// status returns all migrations. A file that doesn't exist has none of them, and isn't created.
func (m *migrator) status(ctx context.Context, files fs.FS) ([]db.Migration, error) {
	pool, _, err := m.database.openToRead(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		pool, err = db.Open(ctx, ":memory:")
	}
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return db.MigrationStatus(ctx, pool, files)
}

// with calls fn with the database and the migrations.
func (m *migrator) with(ctx context.Context, fn func(*sql.DB, fs.FS) error) error {
	files, err := m.files()
	if err != nil {
		return err
	}
	pool, _, err := m.database.open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	return fn(pool, files)
}

// say reports migrations that were applied or undone.
func say(cmd *cobra.Command, verb string, all []db.Migration) {
	for _, m := range all {
		fmt.Fprintln(cmd.ErrOrStderr(), verb, output.Line(m.Name))
	}
}

// format returns the format of package output for the flag --json.
func format(asJSON bool) string {
	if asJSON {
		return output.JSON
	}
	return output.Table
}

// oneArgument wants one argument.
func oneArgument(wanted string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, words []string) error {
		switch {
		case len(words) == 0, len(words) == 1 && strings.TrimSpace(words[0]) == "":
			return usage.Errorf("want %s (see %s --help)", wanted, cmd.CommandPath())
		case len(words) > 1:
			return usage.Errorf("unexpected argument %q (see %s --help)", words[1], cmd.CommandPath())
		}
		return nil
	}
}
