package engine

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine makes one line of a text that others wrote, for an error: it folds white space, line
// ends included, and escapes as [Escape] does.
func OneLine(s string) string {
	return Escape(strings.Join(strings.Fields(s), " "))
}

// Escape returns s with each control and format character, and each byte that isn't UTF-8, as
// Go's strings have it: \x1b, \u202e. Raw, they move a terminal's cursor, hide a text or turn its
// direction.
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

// indexEscaped returns where the first is that Escape changes, or -1.
func indexEscaped(s string) int {
	for i, r := range s {
		if escaped(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return -1
}

// escaped reports whether a character is one of control (C0, DEL, C1), of format (the marks of
// direction among them), or a line end of Unicode's.
func escaped(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
