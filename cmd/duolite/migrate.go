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
	cmd.AddCommand(m.createCommand(), m.upCommand(),
		m.undoCommand("down", "Undo the newest migration by its Down section", false),
		m.undoCommand("redo", "Undo the newest migration, and apply it again", true),
		m.statusCommand(), m.importCommand())
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

// status returns all migrations.
func (m *migrator) status(ctx context.Context, files fs.FS) ([]db.Migration, error) {
	pool, _, err := m.openToRead(ctx)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return db.MigrationStatus(ctx, pool, files)
}

// openToRead opens the database. In place of a file that doesn't exist it opens an empty database, and creates nothing.
func (m *migrator) openToRead(ctx context.Context) (*sql.DB, string, error) {
	pool, shown, err := m.database.openToRead(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		pool, err = db.Open(ctx, ":memory:")
	}
	return pool, shown, err
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
