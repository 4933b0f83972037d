package hrana

import (
	"strconv"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// sqld binds arguments by position to ? and ?NNN alone, by name to the others alone, and
// takes either a list by position or one by name. So a statement that has both kinds is
// sent with numbers in place of the names.

// countParams counts the two kinds of parameters.
func countParams(params []string) (named, positional int) {
	for _, name := range params {
		if name == "" || name[0] == '?' {
			positional++
		} else {
			named++
		}
	}
	return named, positional
}

// numberParams writes every parameter of a statement as ?NNN.
func numberParams(text string, params []string) (string, error) {
	numbers := make(map[string]int, len(params))
	for i, name := range params {
		if name != "" && name[0] != '?' {
			numbers[name] = i + 1
		}
	}
	var b strings.Builder
	highest := 0 // a plain ? is one more: https://sqlite.org/lang_expr.html#varparam
	for i := 0; i < len(text); {
		size := tokenSize(text[i:])
		token := text[i : i+size]
		i += size
		number := 0
		switch {
		case token == "?":
			number = highest + 1
		case token[0] == '?':
			number, _ = strconv.Atoi(token[1:])
		case len(token) > 1 && strings.IndexByte(":@$", token[0]) >= 0:
			number = numbers[token]
		default:
			b.WriteString(token)
			continue
		}
		if number < 1 || number > len(params) {
			return "", &engine.Error{Message: "named and other parameters can't be told apart in this statement: use one kind"}
		}
		highest = max(highest, number)
		b.WriteString("?" + strconv.Itoa(number))
	}
	return b.String(), nil
}

// tokenSize returns how long the first token of text is, as far as that matters: what
// is quoted or a comment is in one piece, and so are words and parameters.
func tokenSize(text string) int {
	switch c := text[0]; {
	case c == '\'' || c == '"' || c == '`':
		return quotedSize(text, c)
	case c == '[':
		return until(text, 1, "]")
	case strings.HasPrefix(text, "--"):
		return until(text, 2, "\n")
	case strings.HasPrefix(text, "/*"):
		return until(text, 2, "*/")
	case c == '?', c == ':', c == '@', c == '$', isWord(c):
		size := 1
		for size < len(text) && isWord(text[size]) && (c != '?' || text[size] <= '9' && text[size] >= '0') {
			size++
		}
		return size
	default:
		return 1
	}
}

// quotedSize returns how long a quoted token is: two quotes in it are one that doesn't
// end it.
func quotedSize(text string, quote byte) int {
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 == len(text) || text[i+1] != quote {
			return i + 1
		}
		i++
	}
	return len(text)
}

func until(text string, from int, end string) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// isWord reports whether c is part of a name for SQLite.
func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
