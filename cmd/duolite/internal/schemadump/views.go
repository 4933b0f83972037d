package schemadump

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/internal/sqltext"
)

// readViews finds the views that get a query. sqlc 1.31 reads some views in another way than SQLite does, or not at all: then
// duolite gen would refuse the query. Virtual tables get none either: what a query of them needs depends on their module.
func (s *Schema) readViews(ctx context.Context, tx *sql.Tx) error {
	refused := map[string]bool{} // names in lower case
	for _, t := range s.tables {
		if reason := s.whyNoQueries(t); reason != "" {
			t.noQueries = true
			s.noQueries.add("no queries for %s, as "+reason, "the table "+t.Name)
		}
		refused[strings.ToLower(t.Name)] = t.noQueries || slices.ContainsFunc(t.columns, (*column).hasOtherValues)
	}
	for _, o := range s.Objects {
		switch {
		case o.form == "virtual":
			refused[strings.ToLower(o.Name)] = true
			s.noQueries.add("no queries for %s", "the virtual table "+o.Name)
		case o.Type == "view":
			view, reason := readView(ctx, tx, o)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if reason == "" && mentions(o.SQL, s.ofTools) {
				reason = "it reads a table that is left out"
			}
			if reason == "" && isBeyondSQLC(o.SQL, refused) {
				reason = otherColumns
			}
			if reason != "" {
				refused[strings.ToLower(o.Name)] = true
				s.noQueries.add("no queries for %s, as "+reason, o.String())
				continue
			}
			s.views = append(s.views, view)
		}
	}
	return nil
}

// whyNoQueries returns the reason why a table gets no queries, or "".
func (s *Schema) whyNoQueries(t *table) string {
	if isUnreadable(t.Name) || slices.ContainsFunc(t.columns, func(c *column) bool { return isUnreadable(c.Name) }) {
		return "sqlc can't read names with a backtick or outside ASCII"
	}
	for _, key := range t.ForeignKeys {
		if !slices.ContainsFunc(s.tables, func(parent *table) bool { return strings.EqualFold(parent.Name, key.Parent) }) {
			return "a foreign key refers to a table that isn't there, so no row can be written"
		}
	}
	return ""
}

// mentions reports whether a text has one of the names, which are in lower case.
func mentions(text string, names []string) bool {
	return slices.ContainsFunc(slices.Collect(sqltext.CodeTokens(text)), func(t sqltext.Token) bool { return slices.Contains(names, strings.ToLower(sqltext.Unquote(t.Text))) })
}

const otherColumns = "sqlc would read other names or types than SQLite"

// readView returns a view with its columns, or the reason why it gets no query.
func readView(ctx context.Context, tx *sql.Tx, o Object) (view *table, reason string) {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+catalog.Quote(o.Name)+" LIMIT 0")
	if err != nil {
		return nil, "it can't be read: " + err.Error()
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, "it can't be read: " + err.Error()
	}
	view = &table{Table: &catalog.Table{Name: o.Name}}
	used := map[string]bool{}
	for _, name := range names {
		if needsQuotes(name) || used[strings.ToLower(name)] {
			return nil, otherColumns
		}
		used[strings.ToLower(name)] = true
		view.columns = append(view.columns, &column{Column: catalog.Column{Name: name}})
	}
	if needsQuotes(o.Name) {
		return nil, otherColumns
	}
	return view, ""
}

// isBeyondSQLC reports whether sqlc reads a view in another way than SQLite does: with names in parentheses after its own, with the
// NULL of a CAST or of a second SELECT, and from a table or view that is refused.
func isBeyondSQLC(text string, refused map[string]bool) bool {
	words := slices.Collect(sqltext.CodeTokens(text))
	if len(words) > 3 && words[3].Text == "(" { // CREATE VIEW name (
		return true
	}
	for _, word := range words {
		switch strings.ToUpper(word.Text) {
		case "UNION", "EXCEPT", "INTERSECT", "CAST":
			return true
		}
		if refused[strings.ToLower(sqltext.Unquote(word.Text))] {
			return true
		}
	}
	return false
}
