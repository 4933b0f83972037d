package value

import (
	"cmp"
	"strings"

	"github.com/duolite/duolite/db/dbtype"
)

// A Class is the class of values that a column holds.
type Class int

const (
	Any Class = iota
	Int
	Real
	Numeric
	Text
	Blob
	Bool
	Date
	Time
	JSON
	JSONB
	Vector
)

// A columnType is one row of the table of column types.
type columnType struct {
	// declared are the declared types, in lower case and without a size. A name that ends
	// in * stands for all that begin with it.
	declared []string
	// cast is the type for a CAST.
	cast string
	// samples fill columns. They are few, so that rows meet each other. The last time is one to come, for
	// expires_at > CURRENT_TIMESTAMP.
	samples []any
	// edge is a value for which functions often return NULL, or nil.
	edge any
	// holds reports whether a column can have a constant that a query compares it with;
	// nil means always.
	holds func(constant any) bool
	// mark is the placeholder in an INSERT, if it isn't a plain one.
	mark string
}

// columnTypes has a row for each class. A new class is a row here, and a row in goTypes for
// the Go types that it is read into.
var columnTypes = map[Class]columnType{
	Any: {cast: "TEXT", samples: []any{int64(1), int64(2), "a", "b"}},
	Int: {
		declared: []string{"int", "integer", "tinyint", "smallint", "mediumint", "bigint", "unsignedbigint", "unsigned big int", "int2", "int8"},
		cast:     "INTEGER",
		// The last two are times in seconds, one past and one to come.
		samples: []any{int64(1), int64(2), int64(3), int64(0), int64(-1), int64(1700000000), int64(4102444800)},
		edge:    int64(0), holds: holdsNumber,
	},
	Real: {
		declared: []string{"real", "double", "doubleprecision", "double precision", "float"},
		cast:     "REAL", samples: []any{0.5, 2.25, -1.75, 100.125}, edge: 0.0, holds: holdsNumber,
	},
	Numeric: {
		declared: []string{"numeric", "decimal*"},
		cast:     "REAL", samples: []any{int64(1), 2.5}, edge: int64(0), holds: holdsNumber,
	},
	Text: {
		declared: []string{"text", "clob", "character*", "varchar*", "varyingcharacter*", "varying character*", "nchar*", "native character*", "nativecharacter*", "nvarchar*"},
		cast:     "TEXT", samples: []any{"a", "b", "Alpha", "x@example.com", "https://example.com/", "text/plain", ""}, edge: "",
	},
	Blob: {
		declared: []string{"blob"},
		cast:     "BLOB", samples: []any{[]byte("a"), []byte{0, 255}, []byte{}}, edge: []byte{}, holds: holdsNothing,
	},
	Bool: {
		declared: []string{"boolean", "bool"},
		cast:     "INTEGER", samples: []any{int64(0), int64(1)}, holds: holdsNothing,
	},
	Date: {
		declared: []string{"date"},
		cast:     "TEXT", samples: []any{"2026-01-02", "2025-12-31", "2100-01-01"}, holds: holdsTime,
	},
	Time: {
		declared: []string{"datetime", "timestamp"},
		cast:     "TEXT", samples: []any{"2026-01-02 03:04:05.678", "2025-12-31 23:59:59.000", "2026-11-22 08:30:00.123", "2100-01-01 00:00:00.000"}, holds: holdsTime,
	},
	JSON: {
		declared: []string{"json"},
		cast:     "TEXT", samples: []any{`{}`, `{"a":1,"lang":"en"}`, `[]`, `["a","b"]`, `"a"`}, edge: `[]`, holds: holdsJSON,
	},
	JSONB: {
		declared: []string{"jsonb"},
		cast:     "TEXT", samples: []any{`{}`, `{"a":1,"lang":"en"}`, `[]`, `["a","b"]`}, edge: `[]`, holds: holdsJSON, mark: "jsonb(?)",
	},
	Vector: {
		declared: []string{"f32_blob"},
		// Vectors of one number, as Samples makes them: those that a query compares must have as many numbers.
		cast: "BLOB", samples: []any{[]byte("\x00\x00\x00\x3f"), []byte("\x00\x00\xc0\x3f")}, holds: holdsNothing,
	},
}

func holdsNumber(constant any) bool {
	_, isText := constant.(string)
	return !isText
}

func holdsTime(constant any) bool {
	text, _ := constant.(string)
	_, ok := dbtype.ParseTime(text)
	return ok
}

func holdsJSON(constant any) bool {
	text, ok := constant.(string)
	return ok && new(dbtype.JSON).UnmarshalText([]byte(text)) == nil
}

func holdsNothing(any) bool { return false }

// numbers are parts of declared types for which SQLite converts texts to numbers, such as INT UNSIGNED.
// https://sqlite.org/datatype3.html#determination_of_column_affinity
var numbers = []struct {
	part  string
	class Class
}{{"int", Int}, {"char", Any}, {"clob", Any}, {"text", Any}, {"blob", Any}, {"real", Real}, {"floa", Real}, {"doub", Real}}

// ClassOf reads a declared type as sqlc does, or else as SQLite does, if it stands for numbers.
func ClassOf(declared string) Class {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(declared)), "(")
	name = strings.TrimSpace(name)
	for c, t := range columnTypes {
		for _, known := range t.declared {
			prefix, open := strings.CutSuffix(known, "*")
			if name == known || open && strings.HasPrefix(name, prefix) {
				return c
			}
		}
	}
	for _, n := range numbers {
		if strings.Contains(name, n.part) {
			return n.class
		}
	}
	return Any
}

// Cast returns the type for a CAST to the class.
func (c Class) Cast() string { return columnTypes[c].cast }

// Examples returns values that fill a column of the class.
func (c Class) Examples() []any { return columnTypes[c].samples }

// Edge returns a value for which functions often return NULL, or nil.
func (c Class) Edge() any { return columnTypes[c].edge }

// Mark returns the placeholder for a value of the class in an INSERT.
func (c Class) Mark() string { return cmp.Or(columnTypes[c].mark, "?") }

// Holding returns the constants that a column of the class can have.
func (c Class) Holding(constants []any) (values []any) {
	holds := columnTypes[c].holds
	for _, v := range constants {
		if holds == nil || holds(v) {
			values = append(values, v)
		}
	}
	return values
}
