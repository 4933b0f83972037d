package dbcheck

import (
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// argTypes reports arguments whose Go type makes them equal to nothing.
func (c *checker) argTypes(p *proof) []Finding {
	expressionTypes(p)
	if len(p.found) == 0 { // a cast is all that helps there
		c.rawMessages(p)
	}
	for i, q := range p.query.Parts {
		if !q.IsPlace() {
			continue
		}
		leaf, ok := p.got[q.Key()]
		if !ok {
			continue
		}
		l := p.method.args[leaf]
		name, row := source.ComparedWith(p.query.Parts, i)
		if name == "" {
			continue
		}
		if declared, ok := c.mismatch(name, l.typ, row); ok {
			p.add(q, RuleArgType, "CAST(sqlc.arg("+q.NameOr(name)+") AS "+value.ClassOf(declared).Cast()+")",
				"%s is %s, but is compared with %s, which is declared %s", q.Text, value.Article(l.typ), name, declared)
		}
	}
	return p.found
}

// rawMessages reports the arguments that sqlc takes for JSON, but for those of columns
// that hold BLOBs.
func (c *checker) rawMessages(p *proof) {
	var first source.Part
	var names []string
	for i, place := range p.query.Parts {
		leaf, ok := p.got[place.Key()]
		if !ok || !place.IsPlace() || !value.IsRawMessage(p.method.args[leaf].typ) || insideJSON(p.query.Parts, i) || slices.Contains(names, place.Text) ||
			c.holdsBlobs(p.method.args[leaf].name) || c.holdsBlobs(place.Name) {
			continue
		}
		if names = append(names, place.Text); len(names) == 1 {
			first = place
		}
	}
	if len(names) > 0 {
		p.add(first, RuleArgType, "CAST(sqlc.arg("+first.NameOr("name")+") AS TEXT), or "+c.overrideJSON(first.NameOr("")),
			"%s: a json.RawMessage is sent as a BLOB, which is equal to no text, and is stored as one", strings.Join(names, ", "))
	}
}

// holdsBlobs reports whether a column of that name does.
func (c *checker) holdsBlobs(name string) bool {
	return slices.ContainsFunc(c.tables, func(t *table) bool {
		return slices.ContainsFunc(t.columns, func(c column) bool {
			return source.Plain(c.name) == source.Plain(name) && (c.class == value.Blob || c.class == value.Any)
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

// mismatch reports whether values of a Go type aren't what the columns of that name hold.
// Outside of row values the type is the column's own or an override's, and only times
// are looked at.
func (c *checker) mismatch(name string, t reflect.Type, row bool) (declared string, bad bool) {
	allowed := value.ColumnsFor(t)
	if allowed == nil || !row && !slices.Contains(allowed, value.Time) {
		return "", false
	}
	for _, table := range c.tables {
		for _, column := range table.columns {
			if !strings.EqualFold(column.name, name) {
				continue
			}
			if column.class == value.Any || slices.Contains(allowed, column.class) {
				return "", false
			}
			declared, bad = column.declared, true
		}
	}
	return declared, bad
}
