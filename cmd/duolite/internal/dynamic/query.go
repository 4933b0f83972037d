package dynamic

import (
	"cmp"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

// A query is a dynamic query of a source.
type query struct {
	name  string
	file  string
	start int // of its statement in the source
	text  string
	// places are its parameters: macros of sqlc, and @name.
	places     []place
	conditions []string    // that are decided, with the names of parameters; none for coalesce alone
	constants  []constant  // for the texts that parameters are compared with
	marked     bool        // it has the comment db:dynamic
	inline     bool        // the comment is within the statement, where sqlc keeps it
	sent       []insertion // by which sqlc's source differs
}

// A place is a parameter in the text.
type place struct {
	start, end int
	name       string
	macro      string // arg, narg, slice, or "" for @name
	uses       []decide.Use
}

// queriesOf returns the dynamic queries of a source. With all, each query with a decided condition is
// dynamic, except queries with the comment db:static.
func queriesOf(source string, all bool) (queries []*query) {
	for start, statement := range sqltext.Statements(source) {
		marked := decide.IsMarked(&statement)
		if !marked && (!all || decide.HasComment(&statement, static)) {
			continue
		}
		if q := newQuery(start, statement.Text); q != nil {
			q.marked = marked
			queries = append(queries, q)
		}
	}
	return queries
}

// static is the comment of a query that isn't dynamic although the whole package is.
const static = "db:static"

// newQuery returns a query, or nil if its arguments decide nothing or it has no name.
func newQuery(start int, text string) *query {
	q := &query{start: start, text: text, places: placesOf(text), name: nameOf(text), inline: isInline(text)}
	plain, offsets := q.plain()
	statements := sqltext.Split(plain)
	if len(statements) != 1 || q.name == "" {
		return nil
	}
	plan := decide.New(&statements[0])
	if plan == nil {
		return nil
	}
	// Split leaves out a comment that isn't closed, but nothing before the statement.
	for _, use := range plan.Uses() {
		if condition := shown(use.Condition); !slices.Contains(q.conditions, condition) {
			q.conditions = append(q.conditions, condition)
		}
		i, known := offsets[use.Offset]
		if !known {
			continue // a plain ? or a number
		}
		p := &q.places[i]
		p.uses = append(p.uses, use)
		for _, value := range use.With {
			if text, ok := value.(string); ok {
				q.constants = append(q.constants, constant{q.name + goName(p.name), text})
			}
		}
	}
	return q
}

// shown returns a condition for the documentation of a method: in one line, without the @ of parameters
// and without comments. An empty text is "", since gofmt takes ” for a quotation mark.
func shown(condition string) string {
	var b strings.Builder
	for t := range sqltext.Tokens(condition) {
		switch {
		case t.Kind == sqltext.Space, t.Kind == sqltext.Comment:
			t.Text = " "
		case t.Kind == sqltext.Parameter:
			t.Text = strings.TrimPrefix(t.Text, "@")
		case t.Text == "''":
			t.Text = `""`
		}
		b.WriteString(t.Text)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// plain returns the text with @name for each macro, and the places by their offsets in it.
func (q *query) plain() (string, map[int]int) {
	var b strings.Builder
	offsets := map[int]int{}
	at := 0
	for i, p := range q.places {
		b.WriteString(q.text[at:p.start])
		offsets[b.Len()] = i
		b.WriteString("@" + p.name)
		at = p.end
	}
	b.WriteString(q.text[at:])
	return b.String(), offsets
}

// nameOf returns the name in the comment -- name: NAME :cmd.
func nameOf(text string) string {
	for line := range strings.Lines(text) {
		if words := strings.Fields(strings.TrimLeft(line, "-/*")); len(words) >= 3 && words[0] == "name:" {
			return words[1]
		}
	}
	return ""
}

// isInline reports whether the comment db:dynamic is in a line with SQL.
func isInline(text string) bool {
	for line := range strings.Lines(text) {
		if strings.Contains(line, decide.Mark) {
			line = strings.TrimSpace(line)
			return !strings.HasPrefix(line, "--") && !(strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/"))
		}
	}
	return false
}

// placesOf returns the parameters of a text with names.
func placesOf(text string) (places []place) {
	tokens := slices.Collect(sqltext.CodeTokens(text))
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.Kind == sqltext.Parameter && t.Text[0] == '@':
			places = append(places, place{start: t.Offset, end: t.Offset + len(t.Text), name: t.Text[1:]})
		case isMacro(tokens[i:]):
			places = append(places, place{
				start: t.Offset, end: tokens[i+5].Offset + 1, macro: strings.ToLower(tokens[i+2].Text), name: sqltext.Unquote(tokens[i+4].Text),
			})
			i += 5
		}
	}
	return places
}

// isMacro reports whether tokens begin with sqlc.arg(name), sqlc.narg(name) or sqlc.slice(name).
func isMacro(tokens []sqltext.Token) bool {
	if len(tokens) < 6 || !strings.EqualFold(tokens[0].Text, "sqlc") || tokens[1].Text != "." || tokens[3].Text != "(" || tokens[5].Text != ")" {
		return false
	}
	switch strings.ToLower(tokens[2].Text) {
	case "arg", "narg", "slice":
		return tokens[4].Kind == sqltext.Word || tokens[4].Kind == sqltext.Quoted
	}
	return false
}

// anchorType returns the type of a parameter that sqlc sees nowhere else, from its decided conditions.
// It returns "" if they don't show one.
func (q *query) anchorType(name string) string {
	var types []string
	for _, p := range q.places {
		if p.name != name {
			continue
		}
		for _, use := range p.uses {
			switch {
			case use.Cast != "":
				return use.Cast
			case use.Truth:
				types = append(types, "BOOLEAN")
			}
			for _, value := range use.With {
				switch value.(type) {
				case string:
					types = append(types, "TEXT")
				case int64:
					types = append(types, "INTEGER")
				}
			}
		}
	}
	slices.Sort(types)
	if types = slices.Compact(types); len(types) != 1 {
		return ""
	}
	return types[0]
}

// isTyped reports whether sqlc sees the parameter outside of decided conditions.
func (q *query) isTyped(name string) bool {
	return slices.ContainsFunc(q.places, func(p place) bool { return p.name == name && len(p.uses) == 0 })
}

// names returns the names of the parameters in decided conditions, in the order of the text.
func (q *query) names() (names []string) {
	for _, p := range q.places {
		if len(p.uses) > 0 && !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// macroOf returns the macro of a parameter for an anchor: narg if one of its places is narg.
func (q *query) macroOf(name string) string {
	if slices.ContainsFunc(q.places, func(p place) bool { return p.name == name && p.macro == "narg" }) {
		return "sqlc.narg(" + name + ")"
	}
	return "sqlc.arg(" + name + ")"
}

// An insertion is a text that replaces a part of the source.
type insertion struct {
	start, end int
	text       string
}

// inSource returns insertions into the query as insertions into its source.
func (q *query) inSource(insertions []insertion) (all []insertion) {
	for _, e := range insertions {
		all = append(all, insertion{q.start + e.start, q.start + e.end, e.text})
	}
	return all
}

// apply returns a text with insertions.
func apply(text string, insertions []insertion) string {
	slices.SortStableFunc(insertions, func(a, b insertion) int { return cmp.Compare(a.start, b.start) })
	var b strings.Builder
	at := 0
	for _, e := range insertions {
		b.WriteString(text[at:e.start])
		b.WriteString(e.text)
		at = e.end
	}
	b.WriteString(text[at:])
	return b.String()
}

// anchorAt returns the offset in the text where an anchor goes, and whether WHERE has to be added.
func (q *query) anchorAt() (at int, add bool) {
	depth, end, query := 0, 0, false
	tokens := slices.Collect(sqltext.CodeTokens(q.text))
	for i, t := range tokens {
		word := ""
		if t.Kind == sqltext.Word {
			word = strings.ToLower(t.Text)
		}
		switch {
		case t.Text == "(":
			depth++
		case t.Text == ")":
			depth--
		case depth > 0:
		case word == "select", word == "update", word == "delete":
			query = true
		case query && word == "where":
			return t.Offset + len(t.Text), false
		case query && slices.Contains([]string{"group", "having", "order", "limit", "union", "except", "intersect", "returning"}, word),
			query && word == "window" && i+2 < len(tokens) && strings.EqualFold(tokens[i+2].Text, "as"):
			return end, true
		}
		end = t.Offset + len(t.Text)
	}
	return end, true
}
