package value

import (
	"database/sql"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// A goType is one row of the table of Go types.
type goType struct {
	types []reflect.Type
	// generic is the name of a generic type of package dbtype, or "".
	generic string
	// class is the class of the values that the type sends.
	class Class
	// columns are the classes of columns that its values are compared with, or nil where
	// that isn't known.
	columns []Class
}

// goTypes has the Go types that sqlc chooses, and the types of package dbtype. A new type is
// a row here; its samples come from its reflect.Kind or its Scan.
var goTypes = []goType{
	{
		types:   []reflect.Type{reflect.TypeFor[time.Time](), reflect.TypeFor[dbtype.Time](), reflect.TypeFor[sql.NullTime]()},
		class:   Time,
		columns: []Class{Time, Date, Text},
	},
	{types: []reflect.Type{RawMessage, reflect.TypeFor[dbtype.JSON]()}, generic: "Of", class: JSON},
	{
		types:   []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[sql.NullString]()},
		class:   Text,
		columns: []Class{Text, Time, Date, JSON},
	},
	{
		types: []reflect.Type{
			reflect.TypeFor[int64](), reflect.TypeFor[float64](), reflect.TypeFor[bool](),
			reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[sql.NullFloat64](), reflect.TypeFor[sql.NullBool](),
		},
		class:   Int,
		columns: []Class{Int, Real, Numeric, Bool},
	},
	{types: []reflect.Type{reflect.TypeFor[[]byte]()}, class: Blob},
	{types: []reflect.Type{reflect.TypeFor[dbtype.Vector]()}, class: Vector, columns: []Class{Vector, Blob}},
}

// goTypeOf returns the row of a type, or of the type that it points to. Other types have an empty one.
func goTypeOf(t reflect.Type) goType {
	t = Pointed(t)
	for _, row := range goTypes {
		generic := row.generic != "" && t.PkgPath() == reflect.TypeFor[dbtype.JSON]().PkgPath() && strings.HasPrefix(t.Name(), row.generic+"[")
		if generic || slices.Contains(row.types, t) {
			return row
		}
	}
	return goType{}
}

// ClassSent returns the class of the values that a Go type sends, or Any where that isn't known.
func ClassSent(t reflect.Type) Class { return goTypeOf(t).class }

// ColumnsFor returns the classes of columns that a Go type's values are compared with, or nil
// where that isn't known.
func ColumnsFor(t reflect.Type) []Class { return goTypeOf(t).columns }

// MadeInGo returns a time that no database has read, for an argument of that type.
func MadeInGo(t reflect.Type, at time.Time) (made reflect.Value, ok bool) {
	p := reflect.New(Pointed(t))
	switch p := p.Interface().(type) {
	case *time.Time:
		*p = at
	case *dbtype.Time:
		*p = dbtype.NewTime(at)
	case *sql.NullTime:
		*p = sql.NullTime{Time: at, Valid: true}
	default:
		return made, false
	}
	if t.Kind() == reflect.Pointer {
		return p, true
	}
	return p.Elem(), true
}

// Pointed returns the type that a pointer points to, or the type itself.
func Pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// RawMessage is the type that sqlc has for JSON. Since Go 1.27 it is an alias: its name and
// package aren't the ones of the source.
var RawMessage = reflect.TypeFor[json.RawMessage]()

// IsRawMessage reports whether a type is json.RawMessage, or a pointer to it.
func IsRawMessage(t reflect.Type) bool {
	return t == RawMessage || t == reflect.PointerTo(RawMessage)
}

// TypeName returns a type as the source has it.
func TypeName(t reflect.Type) string {
	return strings.ReplaceAll(t.String(), RawMessage.String(), "json.RawMessage")
}

// Article returns a type with its article, for a message.
func Article(t reflect.Type) string {
	name := TypeName(t)
	if strings.ContainsAny(name[:1], "aeiou") && name != "uint" {
		return "an " + name
	}
	return "a " + name
}

// IsBuiltin reports whether sqlc chooses the type by itself, and no override did.
func IsBuiltin(t reflect.Type) bool {
	switch t = Pointed(t); t.PkgPath() {
	case "database/sql", RawMessage.PkgPath(), "time":
		return true
	case "":
		return t == reflect.TypeFor[[]byte]() ||
			slices.Contains([]reflect.Kind{reflect.Bool, reflect.Int64, reflect.Float64, reflect.String, reflect.Interface}, t.Kind())
	}
	return false
}

// IsOther reports whether sqlc chooses another type for columns of the class, so that an override chose
// this one, which reads only some of their values.
func IsOther(t reflect.Type, c Class) bool {
	switch t = Pointed(t); {
	case t.Kind() == reflect.Bool, t == reflect.TypeFor[sql.NullBool]():
		return c != Bool && c != Any
	case t.Kind() == reflect.Int64, t == reflect.TypeFor[sql.NullInt64]():
		return c == Real || c == Numeric || c == Text
	}
	return false
}

// CanBeNull reports whether the zero value of a type is sent as NULL. A type of the program may have a
// Value that panics for nil.
func CanBeNull(t reflect.Type) (ok bool) {
	defer func() { _ = recover() }()
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		_, ok = DriverValue(reflect.Zero(t).Interface())
		return ok
	}
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null")
}
