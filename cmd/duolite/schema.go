package main

import (
	"fmt"
	"io"

	"github.com/duolite/duolite/cmd/duolite/internal/schemadump"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/spf13/cobra"
)

const schemaHelp = `duolite schema prints the statements that make the tables, indexes, views and triggers
of an existing database. Tables come after the tables that their foreign keys name. The
tables of SQLite, of its modules, and of tools such as goose, Litestream and Drizzle are
left out.

With --out DIR it writes DIR/schema/00001_schema.sql instead: a migration for db.Migrate.
With --queries also first queries for each table and view to DIR/queries, and
DIR/sqlc.yaml and DIR/schema/schema.go if there are none. Then duolite gen writes the Go
code. The Go types fit the first 1,000 rows of each table. So in an empty module

  duolite schema app.db --out . --queries
  duolite gen

makes a project of a database. The database stays as it is, and the migration fits it
too, since its statements have IF NOT EXISTS. No file is replaced.

`

type schemaOptions struct {
	out           string
	queries, json bool
}

func newSchemaCommand() *cobra.Command {
	var from location
	var o schemaOptions
	cmd := &cobra.Command{
		Use:   "schema [URL]",
		Short: "Print the schema of a database, or make a project of it",
		Long:  schemaHelp + databaseHelp,
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, words []string) error {
			from.url = first(words)
			switch {
			case o.queries && o.out == "":
				return usage.Errorf("--queries needs --out DIR, the folder for the files")
			case o.json && o.out != "":
				return usage.Errorf("--json prints the schema, and --out writes it to files: give one of them")
			}
			pool, shown, err := from.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer pool.Close()
			s, err := schemadump.Read(cmd.Context(), pool)
			if err != nil {
				return fmt.Errorf("%s: %w", shown, err)
			}
			return o.write(cmd, s, shown)
		},
	}
	from.addFlags(cmd, "")
	cmd.Flags().StringVar(&o.out, "out", "", "write a migration to schema/ in this folder, which is created")
	cmd.Flags().BoolVar(&o.queries, "queries", false, "with --out: also write first queries and sqlc.yaml")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the objects as JSON")
	_ = cmd.MarkFlagDirname("out")
	return cmd
}

// write prints the schema, or writes the files.
func (o schemaOptions) write(cmd *cobra.Command, s *schemadump.Schema, from string) error {
	stdout, stderr := cmd.OutOrStdout(), cmd.ErrOrStderr()
	for _, table := range s.LeftOut {
		fmt.Fprintf(stderr, "duolite: left out: the table %s\n", output.Line(table))
	}
	for _, note := range s.Notes {
		fmt.Fprintf(stderr, "duolite: %s\n", output.Line(note))
	}
	switch {
	case o.json:
		return output.Rows[schemadump.Object](output.New(stdout, output.JSON), nil, s.Objects)
	case o.out == "":
		_, err := io.WriteString(stdout, s.Script())
		return err
	}
	if o.queries {
		for _, line := range s.WithoutQueries() {
			fmt.Fprintf(stderr, "duolite: %s\n", output.Line(line))
		}
	}
	files, err := s.Files(output.Line(from), o.queries)
	if err != nil {
		return err
	}
	written, err := schemadump.Write(o.out, files)
	for _, path := range written {
		fmt.Fprintf(stdout, "wrote %s\n", path)
	}
	return err
}
