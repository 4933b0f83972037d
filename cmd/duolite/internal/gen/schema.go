package gen

import (
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// schemaForSQLC returns a schema without some words that sqlc 1.31 can't parse in CREATE TABLE and that change nothing for it. One of
// them would hide all tables of the file. Everything else has its place in the text.
//
//   - PRIMARY KEY (id AUTOINCREMENT) as a constraint of the table
//   - a column with the constraint NULL
//   - DEFAULT "text"
//   - USING FTS5 in capitals
func schemaForSQLC(text string) string {
	return sqltext.Replace(text, func(s sqltext.Statement) string { return statementForSQLC(s.Text) })
}

// statementForSQLC is schemaForSQLC for one statement.
func statementForSQLC(text string) string {
	var b strings.Builder
	var words []string // in upper case
	depth := 0
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Space || t.Kind == sqltext.Comment {
			b.WriteString(t.Text)
			continue
		}
		word := t.Text
		switch word {
		case "(":
			depth++
		case ")":
			depth--
		default:
			word = wordForSQLC(words, word, depth)
		}
		b.WriteString(word)
		if len(words) < 2 || words[0] == "CREATE" {
			words = append(words, strings.ToUpper(t.Text))
		}
	}
	return b.String()
}

// wordForSQLC returns a word of a statement, or the text that takes its place. words are the words before it.
func wordForSQLC(words []string, word string, depth int) string {
	last := func(n int) string {
		if n > len(words) {
			return ""
		}
		return words[len(words)-n]
	}
	isTable := len(words) > 2 && words[0] == "CREATE" && (words[1] == "TABLE" || words[2] == "TABLE" && words[1] != "VIRTUAL")
	isVirtual := len(words) > 2 && words[0] == "CREATE" && words[1] == "VIRTUAL"
	blank := strings.Repeat(" ", len(word))
	switch upper := strings.ToUpper(word); {
	case isVirtual && last(1) == "USING" && upper == "FTS5":
		return "fts5"
	case !isTable:
		return word
	case upper == "AUTOINCREMENT":
		return blank
	case upper == "NULL" && depth == 1 && last(1) != "NOT" && last(1) != "DEFAULT" && last(1) != "SET" && last(1) != "IS":
		return blank
	case last(1) == "DEFAULT" && len(word) > 1 && word[0] == '"':
		return "'" + strings.ReplaceAll(word[1:len(word)-1], "'", " ") + "'"
	}
	return word
}
