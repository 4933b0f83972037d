package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func (a *app) importCmd() *cobra.Command {
	var flags importFlags
	flags.format = string(formatAuto)
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
read doesn't: it is told, and the bookmark counts as added today. Links that are
relative to another page, such as Shaarli's notes, are told and left out, unless --base
gives that page; to import the file again with it adds them.

Scheme and host of a URL are saved in small letters, without the scheme's own port, so
that HTTP://Example.org:80/ is http://example.org/. What an earlier version saved stays
as it is. A file is in UTF-8, in UTF-16, or in what its <META> says.`,
		Example: "  marks import bookmarks.html\n  curl -s https://example.org/bookmarks.json | marks import -",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]fileFormat{formatAuto, formatHTML, formatJSON, formatNDJSON}, fileFormat(flags.format)) {
				return usageError{fmt.Sprintf("--format %q: want auto, html, json or ndjson", flags.format), cmd.CommandPath()}
			}
			return a.importFile(cmd.Context(), args[0], flags)
		},
	}
	cmd.Flags().StringVar(&flags.format, "format", flags.format, "html, json or ndjson; by default told from the content")
	cmd.Flags().StringVar(&flags.base, "base", "", "the page that relative links of a browser's file are relative to")
	cmd.Flags().BoolVar(&flags.skipInvalid, "skip-invalid", false, "leave out bookmarks that can't be used, saying which")
	return cmd
}

type importFlags struct {
	format, base string
	skipInvalid  bool
}

func (a *app) importFile(ctx context.Context, path string, flags importFlags) error {
	base, err := parseBase(flags.base)
	if err != nil {
		return fmt.Errorf("--base: %w", err)
	}
	data, err := a.readInput(ctx, path)
	if err != nil {
		return err
	}
	next, err := newSource(data, fileFormat(flags.format), dbtype.Now(), base)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c := collection{skipInvalid: flags.skipInvalid}
	c.warn = func(warning string) { a.say("%s: %s", path, warning) }
	if err := c.readAll(next); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var result importResult
	bar := a.progressBar(len(c.bookmarks))
	err = a.withSQLTx(ctx, func(tx *sql.Tx) (err error) {
		result, err = importBookmarks(ctx, tx, c.bookmarks, func(n int) { bar.Add(n) })
		return err
	})
	bar.Finish()
	if err != nil {
		return err
	}
	unchanged := int64(len(c.bookmarks)) - result.added - result.changed
	tags := ""
	if result.tags > 0 && result.added < int64(len(c.bookmarks)) {
		tags = fmt.Sprintf("; tags given: %d", result.tags)
	}
	a.say("%d bookmarks: %d new, %d changed, %d as they were%s%s", len(c.bookmarks),
		result.added, result.changed, unchanged, tags, c.remarks())
	return nil
}

func (a *app) readInput(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		return await(ctx, func() ([]byte, error) { return io.ReadAll(a.stdin) })
	}
	return readFile(path)
}

func (a *app) progressBar(n int) *progressbar.ProgressBar {
	if !output.IsTerminal(a.stderr) || n == 0 {
		return progressbar.DefaultSilent(int64(n))
	}
	return progressbar.NewOptions(n,
		progressbar.OptionSetWriter(a.stderr),
		progressbar.OptionSetDescription("importing"),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(),
	)
}

// A place is the first occurrence of a URL: its line, its form in the file, and the index
// of its bookmark in the collection.
type place struct {
	line    int
	written string
	index   int
}

// A collection holds the bookmarks of a file. Each URL is in it once.
type collection struct {
	bookmarks   []bookmark
	skipInvalid bool         // if false, the first invalid bookmark is an error
	warn        func(string) // called with the reason for each omission

	first   map[string]place // by URL
	merged  int
	leftOut int
}

func (c *collection) readAll(next source) error {
	c.first = map[string]place{}
	for {
		r, err := next()
		if err == nil {
			err = c.add(r)
		}
		var invalid *recordError
		switch {
		case err == nil:
		case err == io.EOF:
			return nil
		case errors.As(err, &invalid) && (invalid.known || c.skipInvalid):
			c.leftOut++
			c.warn("left out: " + invalid.Error())
		case errors.As(err, &invalid):
			return badInput("%v; nothing is imported (--skip-invalid leaves it out)", invalid)
		default:
			return err
		}
	}
}

func (c *collection) remarks() string {
	var s string
	if c.merged > 0 {
		s += fmt.Sprintf("; %d that stood twice joined", c.merged)
	}
	if c.leftOut > 0 {
		s += fmt.Sprintf("; %d left out", c.leftOut)
	}
	return s
}
