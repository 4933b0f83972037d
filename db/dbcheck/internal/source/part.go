package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// A Part is a token of a statement, or a macro of sqlc. White space and comments are
// left out.
type Part struct {
	Kind PartKind
	Text string // as it is written
	// Name is the parameter's, without its sign; "" for a plain ? or a number.
	Name   string
	Index  int // SQLite's index of a parameter that isn't a macro
	Offset int
}

// A PartKind is the kind of a part.
type PartKind int

const (
	TokenPart PartKind = iota
	ScalarPart
	SlicePart
	StarPart  // a * that stands for columns
	EmbedPart // sqlc.embed, which stands for columns as well
)

// IsPlace reports whether arguments go there.
func (p Part) IsPlace() bool { return p.Kind == ScalarPart || p.Kind == SlicePart }

// cutParts returns the parts of a source's text.
func cutParts(text string) []Part {
	parts := Parts(text)
	out := parts[:0]
	for i := 0; i < len(parts); {
		if n, p, ok := macro(parts[i:]); ok {
			p.Text = text[parts[i].Offset : parts[i+n-1].Offset+len(parts[i+n-1].Text)]
			out = append(out, p)
			i += n
			continue
		}
		if parts[i].Text == "*" && i > 0 && standsForColumns(parts[i-1]) {
			parts[i].Kind = StarPart
		}
		out = append(out, parts[i])
		i++
	}
	return out
}

// standsForColumns reports whether a * after the part stands for columns, and is no product or count(*).
func standsForColumns(before Part) bool {
	switch strings.ToLower(before.Text) {
	case "select", "distinct", "all", "returning", ",", ".":
		return true
	}
	return false
}

// macro reads sqlc.arg(name), sqlc.arg(('name')) and the other macros, and returns their number of
// tokens.
func macro(parts []Part) (int, Part, bool) {
	if len(parts) < 6 || !strings.EqualFold(parts[0].Text, "sqlc") || parts[1].Text != "." || parts[3].Text != "(" {
		return 0, Part{}, false
	}
	name := 4
	for name < len(parts)-1 && parts[name].Text == "(" {
		name++
	}
	length := 2*name - 2 // as many parentheses close as open
	if length > len(parts) || slices.ContainsFunc(parts[name+1:length], func(p Part) bool { return p.Text != ")" }) {
		return 0, Part{}, false
	}
	p := Part{Name: Unquote(parts[name].Text), Offset: parts[0].Offset}
	switch strings.ToLower(parts[2].Text) {
	case "arg", "narg":
		p.Kind = ScalarPart
	case "slice":
		p.Kind = SlicePart
	case "embed":
		p.Kind = EmbedPart
	default:
		return 0, Part{}, false
	}
	return length, p, true
}

// Parts returns the tokens of a text, its parameters with the indexes that SQLite
// gives: https://sqlite.org/lang_expr.html#varparam
func Parts(text string) []Part {
	var parts []Part
	highest := 0
	named := map[string]int{}
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Space || t.Kind == sqltext.Comment || t.Text == ";" {
			continue
		}
		p := Part{Text: t.Text, Offset: t.Offset}
		if t.Kind == sqltext.Parameter {
			p.Kind, p.Name = ScalarPart, strings.TrimLeft(t.Text, "?0123456789:@$#")
			p.Index = highest + 1
			switch {
			case p.Name != "" && named[t.Text] != 0:
				p.Index = named[t.Text]
			case p.Name != "":
				named[t.Text] = p.Index
			case t.Text != "?":
				p.Index, _ = strconv.Atoi(t.Text[1:])
			}
			highest = max(highest, p.Index)
		}
		parts = append(parts, p)
	}
	return parts
}

// Unquote returns the name that is in quotes, or the text if there are none.
func Unquote(text string) string {
	if len(text) < 2 {
		return text
	}
	switch first, last := text[0], text[len(text)-1]; {
	case first == '[' && last == ']', first == last && strings.IndexByte("\"`'", first) >= 0:
		return text[1 : len(text)-1]
	}
	return text
}

// Key identifies a parameter of a source: by its name, or a plain ? by SQLite's index.
func (p Part) Key() string {
	if p.Name != "" {
		return p.Name
	}
	return fmt.Sprintf("?%d", p.Index)
}

// NameOr returns the name of a parameter, or the other name if it has none.
func (p Part) NameOr(other string) string {
	if p.Name != "" {
		return p.Name
	}
	return other
}

// ValuesOf returns the value of a token, and for a number also the numbers next to it: for
// views > 100, rows on both sides count.
func ValuesOf(text string) []any {
	if strings.HasPrefix(text, "'") {
		return []any{strings.ReplaceAll(strings.Trim(text, "'"), "''", "'")}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil
	}
	return []any{n - 1, n, n + 1}
}
