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
	format := string(formatAuto)
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
the import before it begins, unless --skip-invalid leaves it out.`,
		Example: "  marks import bookmarks.html\n  curl -s https://example.org/bookmarks.json | marks import -",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]fileFormat{formatAuto, formatHTML, formatJSON, formatNDJSON}, fileFormat(format)) {
				return usageError{fmt.Sprintf("--format %q: want auto, html, json or ndjson", format), cmd.CommandPath()}
			}
			return a.importFile(cmd.Context(), args[0], fileFormat(format), skipInvalid)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "html, json or ndjson; by default told from the content")
	cmd.Flags().BoolVar(&skipInvalid, "skip-invalid", false, "leave out bookmarks that can't be used, saying which")
	return cmd
}

func (a *app) importFile(ctx context.Context, path string, format fileFormat, skipInvalid bool) error {
	data, err := a.readInput(ctx, path)
	if err != nil {
		return err
	}
	next, err := newSource(data, format, dbtype.Now())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c := collection{}
	if skipInvalid {
		c.onInvalid = func(err error) { a.say("%s: left out: %v", path, err) }
	}
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

// A collection is what a file comes to: each URL once.
type collection struct {
	bookmarks []bookmark
	onInvalid func(error) // nil stops at the first

	lines   map[string]int // where a URL stood first
	index   map[string]int // where it is in bookmarks
	merged  int
	leftOut int
}

func (c *collection) readAll(next source) error {
	c.lines, c.index = map[string]int{}, map[string]int{}
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
		case errors.As(err, &invalid) && c.onInvalid != nil:
			c.leftOut++
			c.onInvalid(invalid)
		case errors.As(err, &invalid):
			return badInput("%v; nothing is imported (--skip-invalid leaves it out)", invalid)
		default:
			return err
		}
	}
}

// add takes a bookmark in. A browser keeps a page in several folders, which is one
// bookmark with several tags; an export has each once, so that twice is an error.
func (c *collection) add(r record) error {
	first, twice := c.index[r.URL]
	switch {
	case !twice:
		c.lines[r.URL], c.index[r.URL] = r.line, len(c.bookmarks)
		c.bookmarks = append(c.bookmarks, r.bookmark)
		return nil
	case !r.fromBrowser:
		return &recordError{r.line, fmt.Sprintf("%.200s stands twice in the file, first in line %d", r.URL, c.lines[r.URL])}
	default:
		c.merged++
		return c.bookmarks[first].merge(r.bookmark)
	}
}

// merge adds what another bookmark of the same page has: the first title and notes
// hold, the earlier time of adding and the later of the others.
func (b *bookmark) merge(other bookmark) (err error) {
	if b.Title == "" {
		b.Title = other.Title
	}
	if b.Notes == "" {
		b.Notes = other.Notes
	}
	if other.CreatedAt.Before(b.CreatedAt.Time) {
		b.CreatedAt = other.CreatedAt
	}
	if other.UpdatedAt.After(b.UpdatedAt.Time) {
		b.UpdatedAt = other.UpdatedAt
	}
	if b.VisitedAt == nil || other.VisitedAt != nil && other.VisitedAt.After(b.VisitedAt.Time) {
		b.VisitedAt = other.VisitedAt
	}
	b.Tags, err = cleanTags(append(b.Tags, other.Tags...))
	return err
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
