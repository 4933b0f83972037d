package sqltext

import "testing"

// TestUnquote: quotes inside are doubled, except in brackets.
func TestUnquote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":          "",
		"a":         "a",
		`"`:         `"`,
		`""`:        "",
		`"a""b"`:    `a"b`,
		"`a``b`":    "a`b",
		"'it''s'":   "it's",
		"[a]":       "a",
		"[":         "[",
		"x'ab'":     "x'ab'",
		`"a`:        `"a`,
		"\u00e9'a'": "\u00e9'a'",
	} {
		if got := Unquote(text); got != want {
			t.Errorf("Unquote(%q) = %q, want %q", text, got, want)
		}
	}
}
