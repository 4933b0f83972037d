package main

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

// A match is a bookmark that a search found. In Title and Notes, output.MatchStart and
// output.MatchEnd enclose the matching words.
type match struct {
	ID        int64       `json:"id"`
	URL       string      `json:"url"`
	Title     string      `json:"title"`
	Notes     string      `json:"notes"` // the part of the notes around the match
	Tags      []string    `json:"tags"`
	Archived  bool        `json:"archived"`
	CreatedAt dbtype.Time `json:"created_at"`
	Score     float64     `json:"score"` // a lower score is a better match
}

func (a *app) searchCmd() *cobra.Command {
	var filter filterFlags
	var limit int64
	cmd := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find bookmarks by the words of their title, notes and URL",
		Long: `Find bookmarks that have all the words in their title, notes or URL, the best
matches first. Accents and case don't matter. A word ending in * matches the words
that begin so; words in quotes ("query planner") match where they stand together.`,
		Example: "  marks search sqlite 'index*'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return usageError{"--limit is below 1", cmd.CommandPath()}
			}
			return a.search(cmd, args, filter, limit)
		},
	}
	filter.addTo(cmd)
	cmd.Flags().Int64Var(&limit, "limit", 25, "how many at most")
	a.formatFlag(cmd)
	return cmd
}

func (a *app) search(cmd *cobra.Command, words []string, filter filterFlags, limit int64) error {
	query := ftsQuery(words)
	if query == "" {
		return badInput("nothing to search for in %q", strings.Join(words, " "))
	}
	tags, err := tagArray(filter.tags)
	if err != nil {
		return err
	}
	var rows []dbsqlc.SearchBookmarksRow
	err = a.with(cmd.Context(), func(q *dbsqlc.Queries) (err error) {
		rows, err = q.SearchBookmarks(cmd.Context(), dbsqlc.SearchBookmarksParams{
			Query: query, Tags: tags, Archived: filter.wantArchived(), PageSize: limit,
		})
		return err
	})
	if err != nil {
		return err
	}
	matches, err := matchesOf(rows, a.format == output.Table)
	if err != nil {
		return err
	}
	if len(matches) == 0 {
		a.say("no matches")
	}
	return output.Rows(a.stdout, a.format, a.screen(), matchColumns, matches)
}

// matchesOf converts rows to matches. If marked is false, it removes the characters that
// mark the matching words.
func matchesOf(rows []dbsqlc.SearchBookmarksRow, marked bool) ([]match, error) {
	matches := make([]match, len(rows))
	for i, row := range rows {
		tags, err := parseTags(row.Tags)
		if err != nil {
			return nil, err
		}
		if !marked {
			row.Title, row.Notes = output.WithoutMarks(row.Title), output.WithoutMarks(row.Notes)
		}
		matches[i] = match{
			ID: row.ID, URL: row.URL, Title: row.Title, Notes: row.Notes, Tags: tags,
			Archived: row.Archived, CreatedAt: row.CreatedAt, Score: row.Score,
		}
	}
	return matches, nil
}

// ftsQuery returns words as an FTS5 query. Each word becomes an FTS5 string, so that none is
// read as an operator. https://sqlite.org/fts5.html#full_text_query_syntax
func ftsQuery(words []string) string {
	var terms []string
	for _, word := range words {
		prefix := strings.HasSuffix(word, "*")
		word = strings.ToValidUTF8(strings.TrimRight(word, "*"), " ")
		if !hasToken(word) {
			continue
		}
		term := `"` + quoter.Replace(word) + `"`
		if prefix {
			term += "*"
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, " ")
}

// quoter escapes text for an FTS5 string. It replaces NUL, since FTS5 ends the query there.
var quoter = strings.NewReplacer(`"`, `""`, "\x00", " ")

// hasToken reports whether s contains a token for FTS5. A string without a token is an error
// in an FTS5 query.
func hasToken(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

var matchColumns = []output.Column[match]{
	{Name: "id", Right: true, Text: func(m match) string { return strconv.FormatInt(m.ID, 10) }},
	{Name: "title", Shrink: true, Text: func(m match) string { return m.Title }},
	{Name: "url", Shrink: true, Text: func(m match) string { return m.URL }},
	{Name: "notes", Shrink: true, Text: func(m match) string { return m.Notes }},
}
