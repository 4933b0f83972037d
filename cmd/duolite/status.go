package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/cmd/duolite/internal/status"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/spf13/cobra"
)

const statusHelp = `duolite status describes a database: its engine and size, the log, the migrations, and the
rows of each table. It only reads.

Rows are counted up to 1,000,000 in a table, and up to 10,000 on a server, which may
charge for reading. Beyond it the number is the one that ANALYZE has stored, if it has run.

` + databaseHelp

func newStatusCommand() *cobra.Command {
	var l location
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [URL]",
		Short: "Describe a database: size, log, migrations, rows",
		Long:  statusHelp,
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, words []string) error {
			l.url = first(words)
			return showStatus(cmd, &l, dir, asJSON)
		},
	}
	l.addFlags(cmd, "")
	addDir(cmd, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showStatus(cmd *cobra.Command, l *location, dir string, asJSON bool) error {
	files, err := optionalMigrations(dir)
	if err != nil {
		return err
	}
	pool, engine, shown, err := l.openWithEngine(cmd.Context())
	if err != nil {
		return err
	}
	defer pool.Close()
	s, err := status.Read(cmd.Context(), pool, engine, files)
	if err != nil {
		return err
	}
	s.Database = shown
	p := output.New(cmd.OutOrStdout(), format(asJSON))
	if asJSON {
		encoder := output.NewEncoder(p)
		encoder.SetIndent("", "  ")
		return encoder.Encode(s)
	}
	if err := output.Record(p, s, s.Fields()); err != nil || len(s.Tables) == 0 {
		return err
	}
	fmt.Fprintln(p)
	return output.Rows(p, []output.Column[status.Table]{
		{Name: "table", Text: func(t status.Table) string { return t.Name }, Shrink: true},
		{Name: "rows", Text: status.Table.RowsText, Right: true},
	}, s.Tables)
}

// addDir adds the flag for the folder of migrations, for a verb that works without one.
func addDir(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "dir", "", "the folder of the migrations; default schema, or migrations, if it exists")
	_ = cmd.MarkFlagDirname("dir")
}

// optionalMigrations returns the folder of the migrations, or nil if there is none and none is given.
func optionalMigrations(given string) (fs.FS, error) {
	folder := migrations.Folder(given)
	info, err := os.Stat(folder)
	switch {
	case err == nil && info.IsDir():
		return os.DirFS(folder), nil
	case given != "":
		return nil, usage.Errorf("--dir: there is no folder %s", given)
	}
	return nil, nil
}

// first returns the first word, or "".
func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
