package engine

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "",
		"no such table: t":              "no such table: t",
		" a\r\n\t b\v\f ":               "a b",
		"a\u0085b\u2028c\u2029d\u00a0e": "a b c d e",
		"a\x1b[31mb":                    `a\x1b[31mb`,
		"\x00\a\b\x7f":                  `\x00\a\b\x7f`,
		"\u0080\u009b1m":                `\u0080\u009b1m`,
		"a\u202eb\u2066c\u200fd\u061ce": `a\u202eb\u2066c\u200fd\u061ce`,
		"\u200b\u00ad\ufeff\U000e0041":  `\u200b\u00ad\ufeff\U000e0041`,
		"\xffa\xc3":                     `\xffa\xc3`,
		"\xed\xa0\x80":                  `\xed\xa0\x80`, // half of a pair
		"\ufffd":                        "\ufffd",
		"é 日本語 🎉 C:\\x":                 "é 日本語 🎉 C:\\x",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("OneLine(%q) is %q, want %q", text, got, want)
		}
	}
	if got := Escape("a  b\n\u2028"); got != `a  b\n\u2028` {
		t.Errorf("Escape gives %q", got)
	}
}

func FuzzOneLine(f *testing.F) {
	f.Add("a \x1b\u202e\xff\u2028\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name, got := range map[string]string{"OneLine": OneLine(text), "Escape": Escape(text)} {
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool {
				return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
			}) {
				t.Errorf("%s(%q) is %q", name, text, got)
			}
			if again := Escape(got); again != got {
				t.Errorf("%s(%q) is %q, which is escaped again: %q", name, text, got, again)
			}
		}
	})
}
