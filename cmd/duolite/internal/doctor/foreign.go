package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/internal/sqltext"
)

// foreignName returns a function or a collation of a text that the database doesn't have, or "". It may be the
// program's own: only the program can compile the text.
func (x *examination) foreignName(ctx context.Context, text string) (string, error) {
	if collation, err := x.foreignCollation(ctx, text); collation != "" || err != nil {
		return collation, err
	}
	functions, err := x.names(ctx, "SELECT DISTINCT lower(name) FROM pragma_function_list UNION SELECT lower(name) FROM pragma_module_list UNION SELECT lower(name) FROM sqlite_master")
	if err != nil {
		return "", err
	}
	tokens := slices.Collect(sqltext.CodeTokens(text))
	for i := 1; i < len(tokens); i++ {
		if i > 1 && slices.Contains(beforeName, strings.ToLower(tokens[i-2].Text)) {
			continue
		}
		before := tokens[i-1]
		name := strings.ToLower(before.Text)
		if tokens[i].Text == "(" && before.Kind == sqltext.Word && !slices.Contains(functions, name) && !slices.Contains(beforeParentheses, name) {
			return before.Text, nil
		}
	}
	return "", nil
}

// foreignCollation is foreignName for collations.
func (x *examination) foreignCollation(ctx context.Context, text string) (string, error) {
	tokens := slices.Collect(sqltext.CodeTokens(text))
	for i := 1; i < len(tokens); i++ {
		if !strings.EqualFold(tokens[i-1].Text, "collate") {
			continue
		}
		// PRAGMA collation_list also has the names that were looked for and not found.
		problem, err := x.compile(ctx, "SELECT 'a' = 'b' COLLATE "+catalog.Quote(sqltext.Unquote(tokens[i].Text)))
		if problem != "" || err != nil {
			return sqltext.Unquote(tokens[i].Text), err
		}
	}
	return "", nil
}

// beforeParentheses are the words of SQL that parentheses follow.
var beforeParentheses = strings.Fields(`in values as on using over filter exists and or not when then else case select where by returning set from
	join all any distinct cast between like glob match regexp escape with union except intersect having limit offset is conflict key materialized of
	raise check default always references unique`)

// beforeName are the words that a table follows, which may have a list of columns, or a type, which may have a size.
var beforeName = strings.Fields("into with recursive references table as")

// ownRemedy is the remedy for a text with a name that the database doesn't have.
func ownRemedy(name string) string {
	return "none, if the program defines " + name + " (db.WithFunction, db.WithCollation)"
}
