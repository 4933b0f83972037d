package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

const importHelp = `duolite migrate import writes the migrations of another tool as goose's files:
golang-migrate's pairs (000001_books.up.sql, 000001_books.down.sql), or dbmate's files
(-- migrate:up, -- migrate:down). Numbers and names stay, and the SQL stays byte for
byte. A statement with a semicolon inside, such as a trigger, gets goose's
StatementBegin and StatementEnd. Files that exist aren't overwritten.

A database that the tool has migrated needs goose's table. With --db the command reads
the tool's table schema_migrations, and makes goose's table with the same versions.
The tool's table stays. Run the command once for each database; files that are there
already with the same text stay.`

func (m *migrator) importCommand() *cobra.Command {
	cmd := m.addDatabase(&cobra.Command{
		Use:   "import FOLDER",
		Short: "Take over the migrations of golang-migrate or dbmate",
		Long:  importHelp,
		Args:  oneArgument("the folder of the other tool's files"),
		RunE: func(cmd *cobra.Command, words []string) error {
			imported, err := migrations.Read(words[0])
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("db") {
				_, err := m.writeImport(cmd, imported)
				return err
			}
			return m.importInto(cmd, imported)
		},
	})
	cmd.Flags().Lookup("db").Usage = "a database that the other tool has migrated; default none"
	return cmd
}

// writeImport writes the files, and reports them.
func (m *migrator) writeImport(cmd *cobra.Command, imported *migrations.Import) (written []string, err error) {
	if written, err = imported.Write(migrations.Folder(m.dir)); err != nil {
		return nil, err
	}
	for _, path := range written {
		fmt.Fprintln(cmd.OutOrStdout(), path)
	}
	for _, file := range imported.Files {
		if file.Outside != "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s runs without a transaction (NO TRANSACTION), because of: %s\n", file.Name, output.Line(file.Outside))
		}
	}
	return written, nil
}

// importInto writes the files, and marks the versions that a database has. After an error it leaves no files.
func (m *migrator) importInto(cmd *cobra.Command, imported *migrations.Import) error {
	applied, shown, err := m.versionsOf(cmd.Context(), imported)
	if err != nil {
		return err
	}
	pool, _, err := m.database.open(cmd.Context())
	if err != nil {
		return err
	}
	defer pool.Close()
	written, err := m.writeImport(cmd, imported)
	if err != nil {
		return err
	}
	if err := migrations.Mark(cmd.Context(), pool, applied); err != nil {
		if !errors.Is(err, db.ErrOutcomeUnknown) {
			migrations.Remove(written)
		}
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d of %d migrations are applied\n", shown, len(applied), len(imported.Files))
	return nil
}

// versionsOf returns the versions that a database has, as the other tool's table says.
func (m *migrator) versionsOf(ctx context.Context, imported *migrations.Import) ([]int64, string, error) {
	pool, shown, err := m.openToRead(ctx)
	if err != nil {
		return nil, "", err
	}
	defer pool.Close()
	applied, err := imported.Applied(ctx, pool)
	return applied, shown, err
}
