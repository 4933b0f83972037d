package dbcheck

import (
	"reflect"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// untyped returns the arguments and columns of a method that sqlc gives the type interface{}, except the
// ones for columns that hold values of any type.
func untyped(s *subject) (names []string) {
	if !s.binding.Complete {
		return nil
	}
	for i, l := range s.method.Args {
		place := s.binding.PlaceOf(i)
		column, _ := source.ComparedWith(s.query.Parts, s.query.IndexOf(place.Offset))
		if isUntyped(l.Type) && !holdsAny(s, l.Name) && !holdsAny(s, column) {
			names = append(names, s.method.Name+" ("+place.Text+")")
		}
	}
	t := s.method.RowType(s.query.Cmd)
	if t == nil {
		return names
	}
	for _, f := range call.FieldsOf(t) {
		if isUntyped(f.Type) && !f.Embed && !holdsAny(s, f.Base) {
			names = append(names, s.method.Name+" ("+columnName(f)+")")
		}
	}
	return names
}

func columnName(f call.Field) string {
	if f.Base == "" {
		return "its column"
	}
	return "column " + source.Snake(f.Base)
}

func isUntyped(t reflect.Type) bool { return t.Kind() == reflect.Interface && t.NumMethod() == 0 }

// holdsAny reports whether a table of the query has a column of that name for values of any type.
func holdsAny(s *subject, name string) bool {
	return slices.ContainsFunc(s.tables(), func(t *trial.Table) bool {
		return slices.ContainsFunc(t.Columns, func(c trial.Column) bool {
			return source.Plain(c.Name) == source.Plain(name) && c.Class == value.Any
		})
	})
}
