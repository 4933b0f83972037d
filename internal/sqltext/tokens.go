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

// Name returns the text of a token without its quotes.
func (t Token) Name() string {
	if t.Kind != Quoted {
		return t.Text
	}
	quote, inner := t.Text[:1], t.Text[1:len(t.Text)-1]
	if quote == "[" { // a name in brackets has no closing one
		return inner
	}
	return strings.ReplaceAll(inner, quote+quote, quote)
}

// A TokenKind is the kind of a token.
type TokenKind token

const (
	Punctuation = TokenKind(other) // operators, numbers, blobs, and all others
	Space       = TokenKind(space)
	Comment     = TokenKind(comment)
	Word        = TokenKind(word)      // a keyword or a plain name
	Quoted      = TokenKind(quoted)    // a string or a name in quotes
	Parameter   = TokenKind(parameter) // ?, ?3, :name, @name, $name
)

// Tokens returns all tokens of a text.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for at := 0; at < len(text); {
			kind, length := nextToken(text[at:])
			switch kind {
			case space, comment, word, quoted, parameter:
			default:
				kind = other
			}
			if !yield(Token{TokenKind(kind), text[at : at+length], at}) {
				return
			}
			at += length
		}
	}
}
