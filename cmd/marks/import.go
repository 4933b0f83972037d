package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

func (a *app) importCmd() *cobra.Command {
	var skipInvalid bool
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Import a browser's bookmarks, or an export",
		Long: `Import bookmarks from a file, or from standard input (-): a browser's export (HTML),
or what marks export writes (JSON or NDJSON). A browser's folders become tags.

Import adds and fills in; it takes nothing away. Where a URL is saved already, a title
or notes that aren't empty replace, tags and metadata are added, an archived bookmark
stays archived, the higher count and the later date of visits hold, and the day it was
added is the one that it was. So to import a file again changes nothing.

Either all of the file is imported, or nothing: one bookmark that can't be used stops
the import before it begins, unless --skip-invalid leaves it out. A date that can't be
read doesn't: it is told, and the bookmark counts as added today.

Scheme and host of a URL are saved in small letters, without the scheme's own port, so
that HTTP://Example.org:80/ is http://example.org/. A file is in UTF-8.`,
		Example: "  marks import bookmarks.html\n  curl -s https://example.org/bookmarks.json | marks import -",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importFile(cmd.Context(), args[0], skipInvalid)
		},
	}
	cmd.Flags().BoolVar(&skipInvalid, "skip-invalid", false, "leave out bookmarks that can't be used, saying which")
	return cmd
}

func (a *app) importFile(ctx context.Context, path string, skipInvalid bool) error {
	data, err := readInput(ctx, path)
	if err != nil {
		return err
	}
	records, err := readRecords(data, dbtype.Now())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	bookmarks, err := collect(records, skipInvalid, func(warning string) { say("%s: %s", path, warning) })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var result importResult
	bar := output.Progress(int64(len(bookmarks)), "importing")
	err = a.with(ctx, func(pool *sql.DB) error {
		return db.InTx(ctx, pool, func(tx *sql.Tx) (err error) {
			bar.Reset()
			result, err = importBookmarks(ctx, tx, bookmarks, bar)
			return err
		}, attempts)
	})
	bar.Finish()
	if err == nil {
		say("%v", result)
	}
	return err
}

func readInput(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		return prompt.Await(ctx, func() ([]byte, error) { return io.ReadAll(os.Stdin) })
	}
	data, err := os.ReadFile(path)
	return data, fileError(path, err)
}
