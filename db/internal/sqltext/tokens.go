package sqltext

import "iter"

// A Token is a piece of a text as SQLite's tokenizer cuts it, though operators and
// numbers may come in smaller pieces.
type Token struct {
	Kind TokenKind
	Text string
	// Offset is where in the text the token begins, in bytes.
	Offset int
}

// A TokenKind is what a token is, as far as this package tells.
type TokenKind token

const (
	Punctuation = TokenKind(other) // operators, numbers, blobs, and what has no kind of its own
	Space       = TokenKind(space)
	Comment     = TokenKind(comment)
	Word        = TokenKind(word)      // a keyword or a plain name
	Quoted      = TokenKind(quoted)    // a string or a name in quotes
	Parameter   = TokenKind(parameter) // ?, ?3, :name, @name, $name
)

// Tokens returns the tokens of a text, of which none is left out.
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
