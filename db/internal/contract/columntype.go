package contract

import (
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// baseType returns a declared type without its length: VARCHAR for VARCHAR(20).
func baseType(declared string) string {
	base, _, _ := strings.Cut(declared, "(")
	return strings.TrimSpace(base)
}

// isTime reports whether a column with the declared type holds times.
func isTime(declared string) bool {
	if len(declared) < len("DATE") || declared[0]|0x20 != 'd' && declared[0]|0x20 != 't' {
		return false // the common case
	}
	switch strings.ToUpper(baseType(declared)) {
	case "DATE", "DATETIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE":
		return true
	default:
		return false
	}
}

// scanType returns a Go type into which a column's values can be scanned, by SQLite's rules
// for column affinity. Any column can be NULL in a result, for example after an outer join. A
// column of times can also hold numbers, so its type is any.
// https://sqlite.org/datatype3.html#determination_of_column_affinity
func scanType(declared string) reflect.Type {
	switch {
	case declared == "" || declared == "ANY" || isTime(declared):
		return reflect.TypeFor[any]()
	case declared == "BOOL" || declared == "BOOLEAN":
		return reflect.TypeFor[sql.NullBool]()
	case contains(declared, "INT"):
		return reflect.TypeFor[sql.NullInt64]()
	case isText(declared):
		return reflect.TypeFor[sql.NullString]()
	case contains(declared, "BLOB"):
		return reflect.TypeFor[[]byte]()
	case contains(declared, "REAL", "FLOA", "DOUB"):
		return reflect.TypeFor[sql.NullFloat64]()
	default:
		return reflect.TypeFor[any]()
	}
}

func isText(declared string) bool { return contains(declared, "CHAR", "CLOB", "TEXT", "JSON") }

func contains(declared string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(declared, part) })
}

// lengthOf returns the declared length of a text or blob, which SQLite doesn't enforce. It
// reports false for a type without a length. With [math.MaxInt64] instead, GORM would find a
// difference to the field's size, and make the table again at each start.
func lengthOf(declared string) (int64, bool) {
	base := strings.ToUpper(baseType(declared))
	if contains(base, "INT") || !isText(base) && !contains(base, "BLOB") {
		return 0, false
	}
	if sizes := sizesOf(declared); len(sizes) == 1 {
		return sizes[0], true
	}
	return 0, false
}

// decimalSizeOf returns the precision and scale of a type such as DECIMAL(10, 2). SQLite
// doesn't enforce them.
func decimalSizeOf(declared string) (precision, scale int64, ok bool) {
	base := strings.ToUpper(baseType(declared))
	sizes := sizesOf(declared)
	if base != "DECIMAL" && base != "NUMERIC" || len(sizes) == 0 {
		return 0, 0, false
	}
	return sizes[0], append(sizes, 0)[1], true
}

// sizesOf returns the numbers in the parentheses of a declared type.
func sizesOf(declared string) (sizes []int64) {
	_, list, _ := strings.Cut(declared, "(")
	list, _, closed := strings.Cut(list, ")")
	if !closed {
		return nil
	}
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return nil
		}
		sizes = append(sizes, n)
	}
	return sizes
}
