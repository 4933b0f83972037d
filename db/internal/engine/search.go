package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// badQueries are the beginnings of the messages about an invalid full-text query, from FTS5
// and, on a server, from FTS3 and FTS4. They have the code of any SQL error, CodeError, so
// only the message identifies them. A message from RAISE has another code.
var badQueries = []string{
	"fts5: syntax error near ",
	"fts5: parser stack overflow",
	"fts5 expression tree is too large",
	"fts5: column queries are not supported ",
	"fts5: phrase queries are not supported ",
	"fts5: NEAR queries are not supported ",
	"unterminated string",
	"unknown special query", // may end here
	`expected integer, got "`,
	"parse error in rank function: ",
	"malformed MATCH expression: [",
	"FTS expression tree is too large",
}

func isBadQuery(message string) bool {
	return slices.ContainsFunc(badQueries, func(beginning string) bool { return strings.HasPrefix(message, beginning) })
}

// InSearch sets the kind of err to ErrBadQuery if err is about a column that only the
// full-text query names. SQLite has the same message, "no such column", for the query foo-bar
// and for an unknown column of the statement. InSearch returns err.
func InSearch(err error, statement string) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != nil || e.Code != CodeError {
		return err
	}
	if column, found := strings.CutPrefix(e.Message, "no such column: "); found && searches(statement) && !names(statement, column) {
		e.Kind = ErrBadQuery
	}
	return err
}

// searches reports whether a statement may be a full-text search. It doesn't recognize
// searches by = or by a table-valued function, which need the schema.
func searches(statement string) bool {
	for token := range sqltext.Tokens(statement) {
		if token.Kind == sqltext.Word && strings.EqualFold(token.Text, "match") {
			return true
		}
	}
	return false
}

// names reports whether a statement contains a column's name. column may be qualified with its
// table and database.
func names(statement, column string) bool {
	column = column[strings.LastIndexByte(column, '.')+1:]
	for token := range sqltext.Tokens(statement) {
		text := token.Text
		if token.Kind == sqltext.Quoted && text[0] != '\'' {
			text = strings.Trim(text, "\"`[]")
		}
		if strings.EqualFold(text, column) {
			return true
		}
	}
	return false
}
