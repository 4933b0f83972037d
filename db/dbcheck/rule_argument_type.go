package dbcheck

import (
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// argumentTypes reports arguments whose Go type makes them equal to nothing.
func argumentTypes(s *subject) []Finding {
	findings := expressionTypes(s)
	if len(findings) == 0 { // only a cast helps there
		findings = rawMessages(s)
	}
	for i, arg := range s.binding.Places() {
		place, t := s.query.Parts[i], s.method.Args[arg].Type
		name, row := source.ComparedWith(s.query.Parts, i)
		if declared, ok := mismatch(s.tables(), name, t, row); ok {
			findings = appendNew(findings, s.at(place, "CAST(sqlc.arg("+place.NameOr(name)+") AS "+value.ClassOf(declared).Cast()+")",
				"%s is %s, but is compared with %s, which is declared %s", place.Text, value.Article(t), name, declared))
		}
	}
	return findings
}

// rawMessages reports the arguments that sqlc takes for JSON, except the arguments for columns
// that hold BLOBs.
func rawMessages(s *subject) []Finding {
	tables := s.databases.Tables
	var first source.Part
	var names []string
	for i, arg := range s.binding.Places() {
		place, l := s.query.Parts[i], s.method.Args[arg]
		// A function of SQLite that reads JSON takes a BLOB for text.
		insideJSON := source.At(s.query.Parts, i-1).Text == "(" && source.At(s.query.Parts, i-2).Is("json", "jsonb")
		if !value.IsRawMessage(l.Type) || insideJSON || slices.Contains(names, place.Text) || holds(tables, l.Name, value.Blob, value.Any) || holds(tables, place.Name, value.Blob, value.Any) {
			continue
		}
		if names = append(names, place.Text); len(names) == 1 {
			first = place
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []Finding{s.at(first, "CAST(sqlc.arg("+first.NameOr("name")+") AS TEXT), or "+overrideJSON(tables, first.NameOr("")),
		"%s: a json.RawMessage is sent as a BLOB, which is equal to no text, and is stored as one", strings.Join(names, ", "))}
}

// holds reports whether a column of that name, in SQL or in Go, is of one of the classes.
func holds(tables []*trial.Table, name string, classes ...value.Class) bool {
	for _, c := range trial.Columns(tables) {
		if source.Plain(c.Name) == source.Plain(name) && slices.Contains(classes, c.Class) {
			return true
		}
	}
	return false
}

// mismatch reports whether no column of that name in the tables holds values of a Go type, and returns
// a declared type that one has. Outside of row values the type is the column's own or an override's, and only times
// are checked.
func mismatch(tables []*trial.Table, name string, t reflect.Type, row bool) (declared string, bad bool) {
	allowed := value.ColumnsFor(t)
	if allowed == nil || !row && !slices.Contains(allowed, value.Time) {
		return "", false
	}
	for _, c := range trial.ColumnsNamed(tables, name) {
		if c.Class == value.Any || slices.Contains(allowed, c.Class) {
			return "", false
		}
		declared, bad = c.Declared, true
	}
	return declared, bad
}
