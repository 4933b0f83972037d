package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// foreignName returns a function or a collation of a text that the database doesn't have, or "". It may be the
// program's own: only the program can compile the text.
func (x *examination) foreignName(ctx context.Context, text string) (string, error) {
	functions, err := x.names(ctx, "SELECT DISTINCT lower(name) FROM pragma_function_list UNION SELECT lower(name) FROM pragma_module_list UNION SELECT lower(name) FROM sqlite_master")
	if err != nil {
		return "", err
	}
	collations, err := x.names(ctx, "SELECT lower(name) FROM pragma_collation_list")
	if err != nil {
		return "", err
	}
	tokens := significant(text)
	for i := 1; i < len(tokens); i++ {
		if i > 1 && slices.Contains(beforeTable, strings.ToLower(tokens[i-2].Text)) {
			continue
		}
		before, word := strings.ToLower(tokens[i-1].Text), strings.ToLower(tokens[i].Name())
		switch {
		case before == "collate" && !slices.Contains(collations, word):
			return tokens[i].Name(), nil
		case word == "(" && tokens[i-1].Kind == sqltext.Word && !slices.Contains(functions, before) && !slices.Contains(beforeParentheses, before):
			return tokens[i-1].Text, nil
		}
	}
	return "", nil
}

// beforeParentheses are the words of SQL that parentheses follow.
var beforeParentheses = strings.Fields(`in values as on using over filter exists and or not when then else case select where by returning set from
	join all any distinct cast between like glob match regexp escape with union except intersect having limit offset is conflict key materialized of
	raise check default always references unique`)

// beforeTable are the words that a table follows, which may have a list of columns.
var beforeTable = strings.Fields("into with recursive references table")

// ownRemedy is the remedy for a text with a name that the database doesn't have.
func ownRemedy(name string) string {
	return "none, if the program defines " + name + " (db.WithFunction, db.WithCollation)"
}
