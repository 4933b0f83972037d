package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/internal/sqltext"
)

// aliasesOf returns the tables in a statement by the names that its plan has for them, in lower case.
func aliasesOf(text string, tables map[string]int64) map[string]string {
	byName := map[string]string{}
	for name := range tables {
		byName[strings.ToLower(name)] = name
	}
	aliases := map[string]string{}
	tokens := slices.Collect(sqltext.CodeTokens(text))
	for i, t := range tokens {
		table, known := byName[strings.ToLower(sqltext.Unquote(t.Text))]
		if !known || t.Kind != sqltext.Word && t.Kind != sqltext.Quoted {
			continue
		}
		next := i + 1
		if next < len(tokens) && strings.EqualFold(tokens[next].Text, "as") {
			next++
		}
		if next < len(tokens) && (tokens[next].Kind == sqltext.Word || tokens[next].Kind == sqltext.Quoted) && !slices.Contains(afterTable, strings.ToLower(tokens[next].Text)) {
			aliases[strings.ToLower(sqltext.Unquote(tokens[next].Text))] = table
			continue
		}
		aliases[strings.ToLower(table)] = table
	}
	return aliases
}

var afterTable = strings.Fields("on using where join left right full inner cross natural outer order group having limit union except intersect set values indexed not default window returning then else when end and or is in like between asc desc from")

// viewAliases returns aliasesOf for each view.
func (x *examination) viewAliases(ctx context.Context) (map[string]map[string]string, error) {
	views := map[string]map[string]string{}
	err := catalog.Each(ctx, x.Pool, "SELECT name, sql FROM sqlite_master WHERE type = 'view'", func(scan func(...any) error) error {
		var name, text string
		err := scan(&name, &text)
		views[name] = aliasesOf(text, x.counts)
		return err
	})
	return views, err
}

// mentions reports whether a statement has a name in it.
func mentions(text, name string) bool {
	return slices.ContainsFunc(slices.Collect(sqltext.CodeTokens(text)), func(t sqltext.Token) bool {
		return (t.Kind == sqltext.Word || t.Kind == sqltext.Quoted) && strings.EqualFold(sqltext.Unquote(t.Text), name)
	})
}
