package main

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/spf13/cobra"
)

func (a *app) searchCmd() *cobra.Command {
	var flags filterFlags
	cmd := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find bookmarks by the words of their title, notes and URL",
		Long: `Find bookmarks that have all the words in their title, notes or URL, the best
matches first. Accents and case don't matter. A word ending in * matches the words
that begin so; words in quotes ("query planner") match where they stand together.`,
		Example: "  marks search sqlite 'index*'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.search(cmd.Context(), args, flags)
		},
	}
	flags.addTo(cmd)
	formatFlag(cmd, &a.format, output.Formats...)
	return cmd
}

func (a *app) search(ctx context.Context, words []string, flags filterFlags) error {
	terms := ftsQuery(words)
	if terms == "" {
		return badInput("nothing to search for in %q", strings.Join(words, " "))
	}
	tags, err := tagArray(flags.tags)
	if err != nil {
		return err
	}
	rows, err := query(ctx, a, func(q *dbsqlc.Queries) ([]match, error) {
		return q.SearchBookmarks(ctx, dbsqlc.SearchBookmarksParams{
			Query: terms, Tags: tags, Archived: flags.wantArchived(), PageSize: flags.pageSize(),
		})
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		say("no matches")
	}
	if a.format != output.Table {
		for i := range rows {
			rows[i].Title, rows[i].Notes = output.WithoutMarks(rows[i].Title), output.WithoutMarks(rows[i].Notes)
		}
	}
	return output.Rows(a.printer(), matchColumns, cut(rows, flags.limit))
}

// A match is a bookmark that a search found. In Title and Notes, output.MatchStart and
// output.MatchEnd enclose the matching words.
type match = dbsqlc.SearchBookmarksRow

var matchColumns = []output.Column[match]{
	{Name: "id", Right: true, Text: func(m match) string { return strconv.FormatInt(m.ID, 10) }},
	{Name: "title", Shrink: true, Text: func(m match) string { return m.Title }},
	{Name: "url", Shrink: true, Text: func(m match) string { return m.URL }},
	{Name: "notes", Shrink: true, Text: func(m match) string { return m.Notes }},
}

// ftsQuery returns words as an FTS5 query. Each word becomes an FTS5 string, so that none is
// read as an operator. https://sqlite.org/fts5.html#full_text_query_syntax
func ftsQuery(words []string) string {
	var terms []string
	for _, word := range words {
		text := strings.ToValidUTF8(strings.TrimRight(word, "*"), " ")
		if !strings.ContainsFunc(text, isToken) {
			continue // an error in an FTS5 query
		}
		term := `"` + quoter.Replace(text) + `"`
		if strings.HasSuffix(word, "*") {
			term += "*"
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, " ")
}

// quoter escapes text for an FTS5 string. It replaces NUL, since FTS5 ends the query there.
var quoter = strings.NewReplacer(`"`, `""`, "\x00", " ")

// isToken reports whether r belongs to a token of FTS5.
func isToken(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
