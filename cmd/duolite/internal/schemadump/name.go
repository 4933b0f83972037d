package schemadump

import (
	"regexp"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// plain is a name that needs no quotes, unless it is a keyword.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// quoteName returns a name as SQL has it: in quotes if it needs them.
func quoteName(name string) string {
	if needsQuotes(name) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

func needsQuotes(name string) bool {
	return !plain.MatchString(name) || slices.Contains(keywords, strings.ToUpper(name))
}

// keywords are SQLite's keywords, some of which are names too, and words with a meaning of their own in some places.
// https://sqlite.org/lang_keywords.html
var keywords = strings.Fields(`
	ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE
	CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
	CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE
	EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP
	GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN
	KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS
	OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE
	RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO
	TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT
	TRUE FALSE STRICT STORED ROWID`)

// forSQLC returns the statement that makes a table or a view, with names as sqlc can compare them. sqlc 1.31 takes a name in
// brackets or backticks for another name than the same name without them, and a name in double quotes with capitals for another
// one than the same name without quotes. It doesn't take a name in single quotes for a name. All strings in the text have single
// quotes.
func forSQLC(text string) string {
	var b strings.Builder
	var at place
	unquoted := false // the text so far ends in a name that has lost its quotes
	for t := range sqltext.Tokens(text) {
		word := t.Text
		switch name := sqltext.Unquote(t.Text); {
		case t.Kind != sqltext.Quoted:
		case word[0] == '\'':
			if at.isName() {
				word = quoteName(name)
			}
		case strings.EqualFold(at.last, "default"):
			word = "'" + strings.ReplaceAll(name, "'", "''") + "'"
		case word[0] != '"', name != strings.ToLower(name):
			word = quoteName(name)
		}
		at.pass(t)
		if lost := word != t.Text; isWord(word[0]) && (unquoted || lost && b.Len() > 0 && isWord(b.String()[b.Len()-1])) {
			b.WriteString(" ")
		}
		unquoted = word != t.Text && isWord(word[0])
		b.WriteString(word)
	}
	return b.String()
}

// A place is a place in the statement that makes a table or a view.
type place struct {
	before, last string // the last two tokens, without white space and comments
	isTable      bool
	lists        []bool // for each open parenthesis: it is a list of columns
}

// isName reports whether a string in single quotes would be a name here. SQLite takes it for one in many places.
func (p *place) isName() bool {
	switch strings.ToUpper(p.last) {
	case "TABLE", "VIEW", "EXISTS", "REFERENCES", "CONSTRAINT":
		return true
	case "(", ",":
		return len(p.lists) > 0 && p.lists[len(p.lists)-1]
	}
	return false
}

// pass moves the place behind a token.
func (p *place) pass(t sqltext.Token) {
	if t.Kind == sqltext.Space || t.Kind == sqltext.Comment {
		return
	}
	switch t.Text {
	case "(":
		isList := len(p.lists) == 0 && p.isTable || slices.Contains([]string{"KEY", "UNIQUE"}, strings.ToUpper(p.last)) ||
			strings.EqualFold(p.before, "references")
		p.lists = append(p.lists, isList)
	case ")":
		p.lists = p.lists[:max(0, len(p.lists)-1)]
	}
	p.before, p.last = p.last, t.Text
	p.isTable = p.isTable || strings.EqualFold(t.Text, "table")
}

func isWord(c byte) bool {
	return c == '_' || c >= 0x80 || plain.MatchString(string(c)) || '0' <= c && c <= '9'
}
