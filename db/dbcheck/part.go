package dbcheck

import (
	"strconv"
	"strings"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// A part is a token of a statement, or a macro of sqlc. White space and comments are
// none.
type part struct {
	kind partKind
	text string // as it is written
	// name is the parameter's, without its sign; "" for a plain ? or a number.
	name   string
	index  int // SQLite's index of a parameter that isn't a macro
	offset int
}

type partKind int

const (
	tokenPart partKind = iota
	scalarPart
	slicePart
	starPart  // a * that stands for columns
	embedPart // sqlc.embed, which stands for columns as well
)

// isPlace reports whether arguments go there.
func (p part) isPlace() bool { return p.kind == scalarPart || p.kind == slicePart }

// cutParts returns the parts of a source's text.
func cutParts(q *query) []part {
	parts := plainParts(q.text)
	out := parts[:0]
	for i := 0; i < len(parts); {
		if n, p, ok := macro(parts[i:]); ok {
			p.text = q.text[parts[i].offset : parts[i+n-1].offset+len(parts[i+n-1].text)]
			out = append(out, p)
			i += n
			continue
		}
		if parts[i].text == "*" && i > 0 && standsForColumns(parts[i-1]) {
			parts[i].kind = starPart
		}
		out = append(out, parts[i])
		i++
	}
	return out
}

// standsForColumns reports whether a * behind the part isn't a product's, nor count's.
func standsForColumns(before part) bool {
	switch strings.ToLower(before.text) {
	case "select", "distinct", "all", "returning", ",", ".":
		return true
	}
	return false
}

// macro reads sqlc.arg(name) and the like, and returns how many tokens that is.
func macro(parts []part) (int, part, bool) {
	if len(parts) < 6 || !strings.EqualFold(parts[0].text, "sqlc") || parts[1].text != "." || parts[3].text != "(" || parts[5].text != ")" {
		return 0, part{}, false
	}
	p := part{name: unquote(parts[4].text), offset: parts[0].offset}
	switch strings.ToLower(parts[2].text) {
	case "arg", "narg":
		p.kind = scalarPart
	case "slice":
		p.kind = slicePart
	case "embed":
		p.kind = embedPart
	default:
		return 0, part{}, false
	}
	return 6, p, true
}

// plainParts returns the tokens of a text, its parameters with the indexes that SQLite
// gives: https://sqlite.org/lang_expr.html#varparam
func plainParts(text string) []part {
	var parts []part
	highest := 0
	named := map[string]int{}
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Space || t.Kind == sqltext.Comment || t.Text == ";" {
			continue
		}
		p := part{text: t.Text, offset: t.Offset}
		if t.Kind == sqltext.Parameter {
			p.kind, p.name = scalarPart, strings.TrimLeft(t.Text, "?0123456789:@$#")
			p.index = highest + 1
			switch {
			case p.name != "" && named[t.Text] != 0:
				p.index = named[t.Text]
			case p.name != "":
				named[t.Text] = p.index
			case t.Text != "?":
				p.index, _ = strconv.Atoi(t.Text[1:])
			}
			highest = max(highest, p.index)
		}
		parts = append(parts, p)
	}
	return parts
}

// unquote returns the name that is in quotes, or the text if there are none.
func unquote(text string) string {
	if len(text) < 2 {
		return text
	}
	switch first, last := text[0], text[len(text)-1]; {
	case first == '[' && last == ']', first == last && strings.IndexByte("\"`'", first) >= 0:
		return text[1 : len(text)-1]
	}
	return text
}
