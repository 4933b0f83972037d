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
	for i, q := range s.query.Parts {
		arg, ok := s.binding.ArgumentOf(q)
		if !ok {
			continue
		}
		l := s.method.Args[arg]
		name, row := source.ComparedWith(s.query.Parts, i)
		if name == "" {
			continue
		}
		if declared, ok := mismatch(s.tables(), name, l.Type, row); ok {
			findings = appendNew(findings, s.at(q, "CAST(sqlc.arg("+q.NameOr(name)+") AS "+value.ClassOf(declared).Cast()+")",
				"%s is %s, but is compared with %s, which is declared %s", q.Text, value.Article(l.Type), name, declared))
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
	for i, place := range s.query.Parts {
		arg, ok := s.binding.ArgumentOf(place)
		if !ok {
			continue
		}
		l := s.method.Args[arg]
		if !value.IsRawMessage(l.Type) || insideJSON(s.query.Parts, i) || slices.Contains(names, place.Text) || holdsBlobs(tables, l.Name) || holdsBlobs(tables, place.Name) {
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

// holdsBlobs reports whether a column of that name holds BLOBs.
func holdsBlobs(tables []*trial.Table, name string) bool {
	return slices.ContainsFunc(tables, func(t *trial.Table) bool {
		return slices.ContainsFunc(t.Columns, func(c trial.Column) bool {
			return source.Plain(c.Name) == source.Plain(name) && (c.Class == value.Blob || c.Class == value.Any)
		})
	})
}

// insideJSON reports whether a function of SQLite reads the argument, which takes a
// BLOB for text.
func insideJSON(parts []source.Part, i int) bool {
	if i < 2 || parts[i-1].Text != "(" {
		return false
	}
	name := strings.ToLower(parts[i-2].Text)
	return name == "json" || name == "jsonb"
}

// mismatch reports whether no column of that name in the tables holds values of a Go type, and returns
// a declared type that one has. Outside of row values the type is the column's own or an override's, and only times
// are checked.
func mismatch(tables []*trial.Table, name string, t reflect.Type, row bool) (declared string, bad bool) {
	allowed := value.ColumnsFor(t)
	if allowed == nil || !row && !slices.Contains(allowed, value.Time) {
		return "", false
	}
	for _, table := range tables {
		for _, column := range table.Columns {
			if !strings.EqualFold(column.Name, name) {
				continue
			}
			if column.Class == value.Any || slices.Contains(allowed, column.Class) {
				return "", false
			}
			declared, bad = column.Declared, true
		}
	}
	return declared, bad
}
