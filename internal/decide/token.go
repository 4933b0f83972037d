package decide

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// A token is a token of a statement that isn't white space or a comment.
type token struct {
	sqltext.Token
	// word is the text of a keyword or plain name in lower case, and the text of punctuation.
	// It is "" for names and texts in quotes, and for parameters.
	word string
	// match is the index of the other parenthesis, of a parenthesis.
	match int
	index int // of a parameter, from 0
}

func (t *token) end() int { return t.Offset + len(t.Text) }

// operators are operators that [sqltext.Tokens] splits.
var operators = []string{"<=", ">=", "<>", "!=", "==", "<<", ">>", "||", "->", "->>"}

// maxDepth limits the depth of parentheses and of conditions, and so of the recursion.
const maxDepth = 100

// tokensOf returns the tokens of a text. It returns false if parentheses don't match or are
// too deep.
func tokensOf(text string) ([]token, bool) {
	var tokens []token
	var open []int
	for t := range sqltext.CodeTokens(text) {
		if last := len(tokens) - 1; last >= 0 && isOne(&tokens[last], t) {
			tokens[last].Text += t.Text
			tokens[last].word = tokens[last].Text
			continue
		}
		made := token{Token: t}
		switch {
		case t.Kind == sqltext.Word:
			made.word = lower(t.Text)
		case t.Kind == sqltext.Punctuation:
			made.word = t.Text
		}
		switch made.word {
		case "(":
			if open = append(open, len(tokens)); len(open) > maxDepth {
				return nil, false
			}
		case ")":
			if len(open) == 0 {
				return nil, false
			}
			made.match = open[len(open)-1]
			open = open[:len(open)-1]
			tokens[made.match].match = len(tokens)
		}
		tokens = append(tokens, made)
	}
	return tokens, len(open) == 0
}

// isOne reports whether two adjacent tokens are one operator, or the beginning of one number: 1.
func isOne(before *token, t sqltext.Token) bool {
	if before.Kind != sqltext.Punctuation || t.Kind != sqltext.Punctuation || before.end() != t.Offset {
		return false
	}
	return t.Text == "." && before.isNumber() || slices.Contains(operators, before.Text+t.Text)
}

// lower is [strings.ToLower] for ASCII letters, as SQLite compares keywords.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, text)
}

// isNumber reports whether a token begins as a number does.
func (t *token) isNumber() bool { return t.word != "" && '0' <= t.word[0] && t.word[0] <= '9' }

// isName reports whether a token may be the name of a column.
func (t *token) isName() bool {
	return t.Kind == sqltext.Word && !reserved[t.word] || t.Kind == sqltext.Quoted && t.Text[0] != '\''
}

// A text in double quotes is a name here. (Where SQLite takes it for a text, nothing is decided.)
func (t *token) isText() bool { return t.Kind == sqltext.Quoted && t.Text[0] == '\'' }

// reserved are the keywords that can't be names. https://sqlite.org/src/file/src/parse.y lists the
// keywords that can.
var reserved = set("add all alter and as autoincrement between case check collate commit constraint create default deferrable delete distinct drop else escape exists foreign from group having in index insert intersect into is isnull join limit not nothing notnull null on or order primary references returning select set table then to transaction union unique update using values when where except")

// values are the words that aren't names of columns where no column has that name.
var values = set("true false current_time current_date current_timestamp")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}
