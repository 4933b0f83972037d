package schemadump

import (
	"slices"
	"strings"
)

// A goType is the Go type of a column, if sqlc's own choice can't read or write its values. The zero value is sqlc's own choice.
type goType struct {
	importPath string
	name       string
}

const dbtypePath = "github.com/duolite/duolite/db/dbtype"

var (
	anyType     = goType{name: "any"}
	intType     = goType{name: "int64"}
	floatType   = goType{name: "float64"}
	stringType  = goType{name: "string"}
	bytesType   = goType{name: "[]byte"}
	dateType    = goType{dbtypePath, "Date"}
	timeType    = goType{dbtypePath, "Time"}
	jsonType    = goType{dbtypePath, "JSON"}
	sqlcsChoice = goType{}
)

// isPointer reports whether a nullable column has a pointer to the type.
func (g goType) isPointer() bool { return g != anyType && g != bytesType }

// class returns the type of SQL in which values of the Go type are stored.
func (g goType) class() string {
	switch g {
	case intType, explicit["bool"]:
		return "integer"
	case floatType:
		return "real"
	default:
		return "text"
	}
}

// explicit are the Go types that sqlc chooses for kinds of columns.
var explicit = map[string]goType{
	"integer": intType, "real": floatType, "bool": {name: "bool"}, "text": stringType, "blob": bytesType, "time": {"time", "Time"},
}

// kinds are the groups of declared types for which sqlc has a Go type, in lower case and without spaces, as sqlc compares them.
var kinds = map[string][]string{
	"integer": {"int", "integer", "tinyint", "smallint", "mediumint", "bigint", "unsignedbigint", "int2", "int8"},
	"blob":    {"blob"},
	"real":    {"real", "double", "doubleprecision", "float", "numeric"},
	"bool":    {"boolean", "bool"},
	"time":    {"date", "datetime", "timestamp"},
	"json":    {"json", "jsonb"},
	"text":    {"text", "clob"},
}

// beginnings are the beginnings of further declared types of these groups.
var beginnings = map[string][]string{
	"text": {"character", "varchar", "varyingcharacter", "nchar", "nativecharacter", "nvarchar"},
	"real": {"decimal"},
}

// sqlcType returns the declared type as sqlc's overrides have it.
func (c *column) sqlcType() string { return strings.ReplaceAll(c.Type, " ", "") }

func (c *column) kind() (kind string, known bool) { return kindOf(c.sqlcType()) }

// kindOf returns the group of a declared type without spaces, or "". known reports whether sqlc knows the type: it doesn't know most types
// with a size, such as INT(11).
func kindOf(declared string) (kind string, known bool) {
	declared = strings.ToLower(declared)
	withoutSize, _, _ := strings.Cut(declared, "(")
	for kind, types := range kinds {
		if slices.Contains(types, withoutSize) {
			return kind, declared == withoutSize
		}
	}
	for kind, begins := range beginnings {
		if slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(declared, b) }) {
			return kind, true
		}
	}
	return "", false
}

func (c *column) isTime() bool {
	kind, _ := c.kind()
	return kind == "time"
}

// hasOtherValues reports whether the column has other values than its declared type says.
func (c *column) hasOtherValues() bool {
	kind, _ := c.kind()
	return kind != "" && c.goType() == anyType
}

// goType returns the Go type of a column, from its declared type, its default and its first values.
func (c *column) goType() goType {
	kind, known := c.kind()
	g := c.goTypeOf(kind)
	if g == sqlcsChoice && !known {
		return explicit[kind]
	}
	return g
}

func (c *column) goTypeOf(kind string) goType {
	switch kind {
	case "integer":
		return c.unless(sqlcsChoice, "integer")
	case "real":
		return c.unless(sqlcsChoice, "integer", "real")
	case "bool":
		return c.unless(sqlcsChoice, "integer")
	case "time":
		return c.timeType()
	case "json":
		if c.stores("blob") && !c.stores("text") {
			return bytesType
		}
		return jsonType
	case "text":
		return c.unless(sqlcsChoice, "text")
	case "blob":
		return c.unless(sqlcsChoice, "blob", "text")
	default:
		return c.typeByAffinity()
	}
}

// unless returns a type, or any if a value has another class than the given ones.
func (c *column) unless(g goType, classes ...string) goType {
	for _, class := range []string{"integer", "real", "text", "blob"} {
		if c.stores(class) && !slices.Contains(classes, class) {
			return anyType
		}
	}
	return g
}

// timeType returns the Go type of a column that is declared as date, datetime or timestamp.
func (c *column) timeType() goType {
	switch {
	case c.stores("integer", "real", "blob"):
		return anyType // a time.Time would be stored as text, which doesn't sort with numbers
	case strings.Contains(c.Default, "%f"), slices.Equal(c.stored, []string{"text23"}):
		return timeType
	case strings.EqualFold(c.Type, "date") && !slices.ContainsFunc(c.stored, func(s string) bool { return s != "text10" }):
		return dateType
	default:
		return sqlcsChoice
	}
}

// typeByAffinity returns the Go type of a column whose declared type sqlc doesn't know, by the rules of
// https://sqlite.org/datatype3.html#determination_of_column_affinity and its values.
func (c *column) typeByAffinity() goType {
	declared := strings.ToUpper(c.Type)
	contains := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(declared, part) })
	}
	switch {
	case contains("INT"):
		return c.unless(intType, "integer")
	case contains("CHAR", "CLOB", "TEXT"):
		return c.unless(stringType, "text")
	case contains("BLOB"):
		return c.unless(bytesType, "blob")
	case contains("REAL", "FLOA", "DOUB"):
		return c.unless(floatType, "integer", "real")
	}
	return anyType // also numbers: the column takes texts
}
