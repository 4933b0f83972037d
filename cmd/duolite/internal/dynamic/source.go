package dynamic

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

// Sources are the query files of a package.
type Sources struct {
	// All: each query with a decided condition is dynamic, except queries with the comment db:static.
	All     bool
	queries []*query
	// holders has the name of the parameter of each placeholder, with its query.
	holders []holder
	pkg     string // the name of the package, after Restore
}

type holder struct {
	query *query
	name  string
}

// Add returns the text that sqlc reads instead of a query file. name is the file's, for the file of
// the constants.
func (s *Sources) Add(name, source string) string {
	var all []insertion
	for _, q := range queriesOf(source, s.All) {
		q.file = name
		s.queries = append(s.queries, q)
		q.sent = s.insertions(q)
		all = append(all, q.inSource(q.sent)...)
	}
	return apply(source, all)
}

// insertions returns the placeholders and the anchors of a query.
func (s *Sources) insertions(q *query) (all []insertion) {
	replaced := map[string]bool{}
	var tests []string
	for _, name := range q.names() {
		as := q.anchorType(name)
		switch {
		case q.isTyped(name):
		case as != "":
			tests = append(tests, fmt.Sprintf("CAST(%s AS %s) IS NOT NULL", q.macroOf(name), as))
		default:
			continue // sqlc's type is any
		}
		replaced[name] = true
	}
	for _, p := range q.places {
		if len(p.uses) > 0 && replaced[p.name] {
			s.holders = append(s.holders, holder{q, p.name})
			all = append(all, insertion{p.start, p.end, fmt.Sprintf("'db:dynamic:%d'", len(s.holders))})
		}
	}
	if len(tests) > 0 {
		all = append(all, q.anchor(tests))
	}
	return append(all, q.comments()...)
}

// anchor returns a condition with uses of parameters. Literals enclose it.
func (q *query) anchor(tests []string) insertion {
	at, add := q.anchorAt()
	text := strings.Join(tests, " AND ")
	if add {
		text = " WHERE 'db:where' IS NOT NULL AND " + text + " AND 'db:end' IS NOT NULL"
	} else {
		text = " 'db:and' IS NOT NULL AND " + text + " AND 'db:end' IS NOT NULL AND"
	}
	return insertion{at, at, text}
}

var (
	placeholders = regexp.MustCompile(`'db:dynamic:([0-9]+)'`)
	anchors      = regexp.MustCompile(` WHERE 'db:where' IS NOT NULL AND [^']* AND 'db:end' IS NOT NULL| 'db:and' IS NOT NULL AND [^']* AND 'db:end' IS NOT NULL AND`)
)

// comments returns the comment db:dynamic in the form that sqlc leaves in the text, and a sentence for the
// documentation of the method in place of the comment.
func (q *query) comments() (all []insertion) {
	if q.inline {
		return nil
	}
	decided := strings.Join(q.conditions, ", ")
	if decided == "" {
		decided = "whether coalesce is needed"
	}
	for t := range sqltext.Tokens(q.text) {
		switch {
		case t.Kind == sqltext.Space:
		case t.Kind != sqltext.Comment:
			// Behind the first word, so that rules of sqlc vet find that at the beginning.
			at := t.Offset + len(t.Text)
			return append(all, insertion{at, at, " /* " + decide.Mark + " */"})
		case decide.IsComment(t, decide.Mark):
			all = append(all, insertion{t.Offset, t.Offset + len(t.Text), "-- Dynamic: its arguments decide " + decided + "."})
		}
	}
	return all
}

// Mark returns a query file in which each dynamic query has the comment db:dynamic. Lines keep their
// numbers.
func (s *Sources) Mark(source string) string {
	var all []insertion
	for _, q := range queriesOf(source, s.All) {
		if q.marked {
			continue
		}
		all = append(all, q.inSource(q.comments())...)
	}
	return apply(source, all)
}
