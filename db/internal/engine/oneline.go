package engine

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine returns foreign text as one line for an error: it folds white space, including line
// ends, and escapes the text as [Escape] does.
func OneLine(s string) string {
	return Escape(strings.Join(strings.Fields(s), " "))
}

// Escape returns s with each control character, format character and invalid UTF-8 byte
// escaped as in a Go string: \x1b, \u202e. Unescaped, these characters move a terminal's
// cursor, hide text or reverse its direction.
func Escape(s string) string {
	at := indexEscaped(s)
	if at < 0 {
		return s
	}
	b := []byte(s[:at])
	for s = s[at:]; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, `\x`...)
			b = append(b, "0123456789abcdef"[s[0]>>4], "0123456789abcdef"[s[0]&0xf])
		case escaped(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b = append(b, quoted[1:len(quoted)-1]...)
		default:
			b = append(b, s[:size]...)
		}
		s = s[size:]
	}
	return string(b)
}

// indexEscaped returns the index of the first character that Escape changes, or -1.
func indexEscaped(s string) int {
	for i, r := range s {
		if escaped(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return -1
}

// escaped reports whether r is a control character (C0, DEL, C1), a format character (such as
// a direction mark), or a Unicode line separator.
func escaped(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
