package sqltext

import (
	"iter"
	"strings"
)

// A Token is a token of a text. It is split as by SQLite's tokenizer, except that operators
// and numbers may be split further.
type Token struct {
	Kind TokenKind
	Text string
	// Offset is the position of the token in the text, in bytes.
	Offset int
}

// A TokenKind is the kind of a token.
type TokenKind int

const (
	Punctuation TokenKind = iota // operators, numbers, blobs, and all others
	Space                        // white space, or a byte order mark
	Comment                      // to the end of the line, or /* */
	Word                         // a keyword or a plain name
	Quoted                       // a string or a name in quotes
	Parameter                    // ?, ?3, :name, @name, $name

	// These are Punctuation outside of this package.
	semicolon
	comma
	dot
	leftParen
	rightParen
	star
)

// Tokens returns all tokens of a text.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for at := 0; at < len(text); {
			kind, length := nextToken(text[at:])
			if kind > Parameter {
				kind = Punctuation
			}
			if !yield(Token{kind, text[at : at+length], at}) {
				return
			}
			at += length
		}
	}
}

// CodeTokens returns the tokens of a text except white space and comments.
func CodeTokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for t := range Tokens(text) {
			if t.Kind != Space && t.Kind != Comment && !yield(t) {
				return
			}
		}
	}
}

// Unquote returns the name or the text that is in quotes, or text itself if it has none.
func Unquote(text string) string {
	last := len(text) - 1
	if last < 1 {
		return text
	}
	switch quote := text[:1]; {
	case quote == "[" && text[last] == ']':
		return text[1:last]
	case strings.Contains("\"`'", quote) && text[last] == quote[0]:
		return strings.ReplaceAll(text[1:last], quote+quote, quote)
	}
	return text
}

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
func nextToken(text string) (TokenKind, int) {
	c := text[0]
	if idChars[c] && c != '$' {
		return wordToken(text)
	}
	switch c {
	case ' ', '\t', '\n', '\f', '\r':
		return Space, spaceLen(text)
	case '\'', '"', '`':
		return quoteToken(text)
	case '?', ':', '@', '#', '$':
		return parameterToken(text)
	case '-', '/':
		return commentToken(text)
	case '[':
		if i := strings.IndexByte(text, ']'); i > 0 {
			return Quoted, i + 1
		}
		return Punctuation, len(text)
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
	return Punctuation, 1
}

// wordToken parses a token that begins with an idChar.
func wordToken(text string) (TokenKind, int) {
	n := 1
	for n < len(text) && idChars[text[n]] {
		n++
	}
	switch c := text[0]; {
	case isDigit(c):
		return Punctuation, n
	case (c == 'x' || c == 'X') && n == 1 && len(text) > 1 && text[1] == '\'':
		// A blob has no quotes inside, not even doubled ones.
		if i := strings.IndexByte(text[2:], '\''); i >= 0 {
			return Punctuation, 2 + i + 1
		}
		return Punctuation, len(text)
	case c == 0xEF && strings.HasPrefix(text, "\uFEFF"):
		return Space, len("\uFEFF")
	}
	return Word, n
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
func quoteToken(text string) (TokenKind, int) {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != text[0]:
		case i+1 < len(text) && text[i+1] == text[0]:
			i++
		default:
			return Quoted, i + 1
		}
	}
	return Punctuation, len(text)
}

// commentToken parses a comment, a minus or a slash. Comments don't nest, see
// https://sqlite.org/lang_comment.html.
func commentToken(text string) (TokenKind, int) {
	switch {
	case strings.HasPrefix(text, "--"):
		if i := strings.IndexByte(text, '\n'); i > 0 {
			return Comment, i
		}
		return Comment, len(text)
	// SQLite reads /* at the end of the text as two operators.
	case strings.HasPrefix(text, "/*") && len(text) > 2:
		if i := strings.Index(text[2:], "*/"); i >= 0 {
			return Comment, 2 + i + 2
		}
		return Comment, len(text)
	}
	return Punctuation, 1
}

// parameterToken parses a parameter, see https://sqlite.org/lang_expr.html#varparam. The
// documentation allows :: and (…) in $name only, and omits #name, but SQLite accepts them for
// all names.
func parameterToken(text string) (TokenKind, int) {
	if text[0] == '?' {
		n := 1
		for n < len(text) && isDigit(text[n]) {
			n++
		}
		return Parameter, n
	}
	// #1 is a register in SQLite's internal SQL, and an error here.
	if text[0] == '#' && len(text) > 1 && isDigit(text[1]) {
		return Punctuation, 1
	}
	kind, n := Punctuation, 1 // other until a name follows
	for n < len(text) {
		switch {
		case idChars[text[n]]:
			kind = Parameter
			n++
		case text[n] == '(' && kind == Parameter:
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
func suffixToken(text string, n int) (TokenKind, int) {
	for ; n < len(text) && !isSpace(text[n]); n++ {
		if text[n] == ')' {
			return Parameter, n + 1
		}
	}
	return Punctuation, n
}
