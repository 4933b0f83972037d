package schemadump

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

// someRows is the number of rows of each table whose values are looked at.
const someRows = 1000

// readValues notes which classes of values the first rows of the table have: "integer", "real", "blob", or "text" with its
// length, such as "text19". sqlc takes the Go type from the declared type, which SQLite doesn't enforce.
func (t *table) readValues(ctx context.Context, tx *sql.Tx) error {
	if len(t.columns) == 0 {
		return nil
	}
	forms, values := make([]string, len(t.columns)), make([]any, len(t.columns))
	for i, c := range t.columns {
		name := catalog.Quote(c.Name)
		form := "typeof(" + name + ")"
		if c.isTime() {
			form = fmt.Sprintf("typeof(%s) || CASE typeof(%[1]s) WHEN 'text' THEN length(%[1]s) ELSE '' END", name)
		}
		forms[i], values[i] = "coalesce(group_concat(DISTINCT "+form+"), '')", new(string)
	}
	text := fmt.Sprintf("SELECT %s FROM (SELECT * FROM %s LIMIT %d)", strings.Join(forms, ", "), catalog.Quote(t.Name), someRows)
	if err := tx.QueryRowContext(ctx, text).Scan(values...); err != nil {
		return err
	}
	for i, c := range t.columns {
		c.stored = strings.FieldsFunc(*values[i].(*string), func(r rune) bool { return r == ',' })
		c.stored = slices.DeleteFunc(c.stored, func(class string) bool { return class == "null" })
	}
	return nil
}

// stores reports whether a value of the column has one of the classes.
func (c *column) stores(classes ...string) bool {
	return slices.ContainsFunc(c.stored, func(s string) bool {
		return slices.Contains(classes, strings.TrimRight(s, "0123456789"))
	})
}
