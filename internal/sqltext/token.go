package sqltext

import "strings"

// A token is the kind of a token, as far as this package distinguishes them.
type token int

const (
	other     token = iota // numbers, blobs, operators, and invalid characters
	space                  // white space, or a byte order mark
	comment                // to the end of the line, or /* */
	word                   // a keyword or a plain name
	quoted                 // a string or name in quotes
	parameter              // ?, ?3, :name, @name, $name
	semicolon
	comma
	dot
	leftParen
	rightParen
	star
)

// idChars are the bytes of names and keywords. A dollar sign may not be the first. See IdChar
// in https://sqlite.org/src/file/src/tokenize.c.
var idChars = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= 0x80 || isDigit(byte(c)) || c == '_' || c == '$' ||
			'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	return table
}()

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nextToken returns the kind and length of the first token of text, which isn't empty. It
// splits as sqlite3GetToken (https://sqlite.org/src/file/src/tokenize.c), except that
// operators and numbers may be split further. The other functions don't depend on those.
func nextToken(text string) (token, int) {
	c := text[0]
	if idChars[c] && c != '$' {
		return wordToken(text)
	}
	switch c {
	case ' ', '\t', '\n', '\f', '\r':
		return space, spaceLen(text)
	case '\'', '"', '`':
		return quoteToken(text)
	case '?', ':', '@', '#', '$':
		return parameterToken(text)
	case '-', '/':
		return commentToken(text)
	case '[':
		if i := strings.IndexByte(text, ']'); i > 0 {
			return quoted, i + 1
		}
		return other, len(text)
	case ';':
		return semicolon, 1
	case ',':
		return comma, 1
	case '.':
		return dot, 1
	case '(':
		return leftParen, 1
	case ')':
		return rightParen, 1
	case '*':
		return star, 1
	}
	return other, 1
}

// wordToken parses a token that begins with an idChar.
func wordToken(text string) (token, int) {
	n := 1
	for n < len(text) && idChars[text[n]] {
		n++
	}
	switch c := text[0]; {
	case isDigit(c):
		return other, n
	case (c == 'x' || c == 'X') && n == 1 && len(text) > 1 && text[1] == '\'':
		// A blob has no quotes inside, not even doubled ones.
		if i := strings.IndexByte(text[2:], '\''); i >= 0 {
			return other, 2 + i + 1
		}
		return other, len(text)
	case c == 0xEF && strings.HasPrefix(text, "\uFEFF"):
		return space, len("\uFEFF")
	}
	return word, n
}

// isSpace includes the vertical tab. SQLite accepts it after other white space, but not at the
// beginning of a token.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func spaceLen(text string) int {
	n := 1
	for n < len(text) && isSpace(text[n]) {
		n++
	}
	return n
}

// quoteToken parses a quoted string or name. Inside, quotes are doubled, and a backslash has
// no meaning. Without a closing quote the token extends to the end.
func quoteToken(text string) (token, int) {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != text[0]:
		case i+1 < len(text) && text[i+1] == text[0]:
			i++
		default:
			return quoted, i + 1
		}
	}
	return other, len(text)
}

// commentToken parses a comment, a minus or a slash. Comments don't nest, see
// https://sqlite.org/lang_comment.html.
func commentToken(text string) (token, int) {
	switch {
	case strings.HasPrefix(text, "--"):
		if i := strings.IndexByte(text, '\n'); i > 0 {
			return comment, i
		}
		return comment, len(text)
	// SQLite reads /* at the end of the text as two operators.
	case strings.HasPrefix(text, "/*") && len(text) > 2:
		if i := strings.Index(text[2:], "*/"); i >= 0 {
			return comment, 2 + i + 2
		}
		return comment, len(text)
	}
	return other, 1
}

// parameterToken parses a parameter, see https://sqlite.org/lang_expr.html#varparam. The
// documentation allows :: and (…) in $name only, and omits #name, but SQLite accepts them for
// all names.
func parameterToken(text string) (token, int) {
	if text[0] == '?' {
		n := 1
		for n < len(text) && isDigit(text[n]) {
			n++
		}
		return parameter, n
	}
	// #1 is a register in SQLite's internal SQL, and an error here.
	if text[0] == '#' && len(text) > 1 && isDigit(text[1]) {
		return other, 1
	}
	kind, n := other, 1 // other until a name follows
	for n < len(text) {
		switch {
		case idChars[text[n]]:
			kind = parameter
			n++
		case text[n] == '(' && kind == parameter:
			return suffixToken(text, n)
		case strings.HasPrefix(text[n:], "::"):
			n += 2
		default:
			return kind, n
		}
	}
	return kind, n
}

// suffixToken parses the (…) at n that ends a parameter. It may contain any byte except white
// space.
func suffixToken(text string, n int) (token, int) {
	for ; n < len(text) && !isSpace(text[n]); n++ {
		if text[n] == ')' {
			return parameter, n + 1
		}
	}
	return other, n
}
