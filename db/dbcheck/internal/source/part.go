package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

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

// Unquoted returns the text without the quotes around it, if there are some.
func (p Part) Unquoted() string { return sqltext.Unquote(p.Text) }

// Names reports whether the part is a name, in quotes or not.
func (p Part) Names(name string) bool { return strings.EqualFold(p.Unquoted(), name) }

// Is reports whether the part is one of the words, in capitals or not.
func (p Part) Is(words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, p.Text) })
}

// At returns the part at i, or an empty one outside of parts.
func At(parts []Part, i int) Part {
	if i < 0 || i >= len(parts) {
		return Part{}
	}
	return parts[i]
}

// Join returns the text of parts, without the white space between them.
func Join(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

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
		if parts[i].Text == "*" && At(parts, i-1).Is("select", "distinct", "all", "returning", ",", ".") { // no product, no count(*)
			parts[i].Kind = StarPart
		}
		out = append(out, parts[i])
		i++
	}
	return out
}

// macro reads sqlc.arg(name), sqlc.arg(('name')) and the other macros, and returns their number of
// tokens.
func macro(parts []Part) (int, Part, bool) {
	if len(parts) < 6 || !parts[0].Is("sqlc") || parts[1].Text != "." || parts[3].Text != "(" {
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
	p := Part{Name: parts[name].Unquoted(), Offset: parts[0].Offset}
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
	for t := range sqltext.CodeTokens(text) {
		if t.Text == ";" {
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

// Key identifies a parameter of a source: by its name, or a plain ? by SQLite's index.
func (p Part) Key() string { return p.NameOr(fmt.Sprintf("?%d", p.Index)) }

// NameOr returns the name of a parameter, or the other name if it has none.
func (p Part) NameOr(other string) string { return cmp.Or(p.Name, other) }

// ValuesOf returns the value of a token, and for a number also the numbers next to it: for
// views > 100, rows on both sides count.
func ValuesOf(text string) []any {
	if strings.HasPrefix(text, "'") {
		return []any{sqltext.Unquote(text)}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil
	}
	return []any{n - 1, n, n + 1}
}

// Plain returns a name without the parts that sqlc changes: in lower case, letters and digits only.
func Plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// Snake returns a Go name in the form of a query: PageSize is page_size.
func Snake(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if lower && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// IsName reports whether a part is a name, and no keyword before an expression.
func IsName(p Part) bool {
	return p.Kind == TokenPart && strings.Trim(strings.ToLower(p.Text), "abcdefghijklmnopqrstuvwxyz0123456789_") == "" &&
		!p.Is("and", "or", "not", "in", "when", "then", "else", "select", "where", "by", "on", "between", "values", "is", "like")
}
