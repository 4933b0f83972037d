package source

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

// A Query is one query as its author wrote it.
type Query struct {
	File   string
	Line   int // of its name
	Name   string
	Cmd    string // ":many" and so on
	Text   string // the statement, with its comments
	First  int    // the line that text begins in
	ASCII  bool   // its file has ASCII characters only
	Parts  []Part
	Allows []Allow
	// More are the names of further queries in the text: a semicolon is missing before them.
	More []NameLine
}

// An Allow is a comment that opts out of a rule.
type Allow struct {
	Rule, Reason string
	Line         int
}

// A NameLine is a comment that names a query.
type NameLine struct {
	Name string
	Line int
}

// ReadComments reads the query's names, and the rules that it opts out of.
func (q *Query) ReadComments() {
	for i, line := range strings.Split(q.Text, "\n") {
		rest, ok := comment(line)
		if !ok {
			continue
		}
		words := strings.Fields(rest)
		if len(words) > 0 && words[0] == "dbcheck:allow" {
			q.Allows = append(q.Allows, readAllow(strings.TrimSpace(rest), q.First+i))
		}
		if len(words) != 3 || words[0] != "name:" {
			continue
		}
		if q.Name != "" {
			q.More = append(q.More, NameLine{words[1], q.First + i})
			continue
		}
		q.Name, q.Cmd, q.Line = words[1], words[2], q.First+i
	}
}

// readAllow reads an opt-out, "dbcheck:allow RULE: reason".
func readAllow(text string, line int) Allow {
	rule, reason, _ := strings.Cut(strings.TrimPrefix(text, "dbcheck:allow "), ":")
	return Allow{strings.TrimSpace(rule), strings.TrimSpace(reason), line}
}

// OptsOut reports whether a comment of the query opts out of a rule, with a reason.
func (q *Query) OptsOut(rule string) bool {
	return slices.ContainsFunc(q.Allows, func(a Allow) bool { return a.Rule == rule && a.Reason != "" })
}

// comment returns the text of a line that sqlc takes for a comment.
func comment(line string) (string, bool) {
	if rest, ok := strings.CutPrefix(line, "--"); ok {
		return rest, true
	}
	if rest, ok := strings.CutPrefix(line, "/*"); ok {
		return strings.TrimSuffix(strings.TrimSpace(rest), "*/"), true
	}
	return "", false
}

// LineAt returns the line of an offset in the query's text.
func (q *Query) LineAt(offset int) int { return q.First + strings.Count(q.Text[:offset], "\n") }

// Contains reports whether the query contains all the names.
func (q *Query) Contains(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		return !slices.ContainsFunc(q.Parts, func(p Part) bool { return p.Names(name) })
	})
}

// IndexOf returns the index of the part at an offset of the text.
func (q *Query) IndexOf(offset int) int {
	return slices.IndexFunc(q.Parts, func(p Part) bool { return p.Offset == offset })
}

// OnlyParameter returns the parameter of a query that has exactly one.
func (q *Query) OnlyParameter() (only Part, ok bool) {
	for _, p := range q.Parts {
		if !p.IsPlace() {
			continue
		}
		if ok && p.Key() != only.Key() {
			return Part{}, false
		}
		only, ok = p, true
	}
	return only, ok
}

// OnlyColumn returns the name of the column of a result that has exactly one, or "".
func (q *Query) OnlyColumn() string {
	from := slices.IndexFunc(q.Parts, func(p Part) bool { return p.Is("returning") })
	if from < 0 {
		if from = 0; !At(q.Parts, 0).Is("select") {
			return ""
		}
	}
	depth := 0
	last := ""
	for _, p := range q.Parts[from+1:] {
		depth += p.nesting()
		switch {
		case depth == 0 && (p.Text == "," || p.Kind == StarPart || p.Kind == EmbedPart):
			return ""
		case depth == 0 && p.Is("from"):
			return last
		}
		last = ""
		if p.Kind == TokenPart && p.Text != ")" {
			last = p.Unquoted()
		}
	}
	return last
}

// IsStripped reports whether sqlc takes a line for a comment and leaves it out.
func IsStripped(line string) bool {
	return strings.HasPrefix(line, "--") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/")
}

// IsDynamic reports whether the query has the comment db:dynamic.
func (q *Query) IsDynamic() bool {
	statements := sqltext.Split(q.Text)
	return len(statements) == 1 && decide.IsMarked(&statements[0])
}

// HasTokens reports whether a part of the text has tokens besides comments and white space.
func (q *Query) HasTokens(from, to int) bool {
	for t := range sqltext.CodeTokens(q.Text) {
		if t.Offset < to && t.Offset+len(t.Text) > from {
			return true
		}
	}
	return false
}

// IsSkipped reports whether sqlc leaves out a query without a message.
func (q *Query) IsSkipped() bool {
	switch sqltext.Split(q.Text)[0].Kind {
	case sqltext.Read, sqltext.Insert, sqltext.Change:
		return false
	}
	if q.Parts[0].Is("create") {
		return !At(q.Parts, 1).Is("table", "view", "trigger", "virtual")
	}
	// Of others sqlc makes a method, or says why it can't.
	return q.Parts[0].Is("analyze", "begin", "commit", "end", "explain", "pragma", "reindex", "release", "rollback", "savepoint", "vacuum")
}

// IsLibSQL reports whether the query has names that only libSQL knows: its functions for vectors, and
// ALTER COLUMN.
func (q *Query) IsLibSQL() bool {
	alters := At(q.Parts, 0).Is("alter") && At(q.Parts, 3).Is("alter")
	return alters || slices.ContainsFunc(q.Parts, func(p Part) bool {
		name := strings.ToLower(p.Text)
		return p.Kind == TokenPart && (strings.HasPrefix(name, "vector") || strings.HasPrefix(name, "libsql_"))
	})
}
