package engine

import (
	"errors"
	"strings"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// badQueries are the beginnings of the messages about the text of a full-text search, by FTS5 and
// by FTS3 and 4 on a server. They have the code of any error, CodeError, and there
// is no other way to tell them. What RAISE says has another code.
var badQueries = []string{
	"fts5: syntax error near ",
	"fts5: parser stack overflow",
	"fts5 expression tree is too large",
	"fts5: column queries are not supported ",
	"fts5: phrase queries are not supported ",
	"fts5: NEAR queries are not supported ",
	"unterminated string",
	"unknown special query", // what follows may be nothing
	`expected integer, got "`,
	"parse error in rank function: ",
	"malformed MATCH expression: [",
	"FTS expression tree is too large",
}

func isBadQuery(message string) bool {
	for _, beginning := range badQueries {
		if strings.HasPrefix(message, beginning) {
			return true
		}
	}
	return false
}

// InSearch gives err its kind if it is about a column that a full-text search names, as
// foo-bar does, and the statement doesn't: SQLite says the same of both, "no such column". It
// returns err.
func InSearch(err error, statement string) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind != nil || e.Code != CodeError {
		return err
	}
	if column, found := strings.CutPrefix(e.Message, "no such column: "); found && searches(statement) && !names(statement, column) {
		e.Kind = ErrBadQuery
	}
	return err
}

// searches reports whether a statement may be a full-text search. A search can also be written
// as an equation or as a function, of which nothing can be told without the schema.
func searches(statement string) bool {
	for token := range sqltext.Tokens(statement) {
		if token.Kind == sqltext.Word && strings.EqualFold(token.Text, "match") {
			return true
		}
	}
	return false
}

// names reports whether a statement has the name of a column in it, which the message may have
// with the names of its table and database before it.
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
