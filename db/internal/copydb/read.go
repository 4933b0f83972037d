package copydb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// maxRows and firstRows limit the rows of a query; the average size of the last rows gives the number for the next query.
	maxRows, firstRows = 20_000, 200
)

// A chunk is some rows that follow each other, one after the other in values.
type chunk struct {
	table  *table
	values []driver.Value
}

func (c *chunk) len() int { return len(c.values) / max(1, len(c.table.columns)) }

func (c *chunk) row(i int) []driver.Value {
	n := len(c.table.columns)
	return c.values[i*n : (i+1)*n]
}

// A reader reads the rows of a table in the order of their keys.
type reader struct {
	table *table
	bytes int            // the size of a chunk
	after []driver.Value // the key of the last row that was read, or nil before the first
	limit int
}

// reader returns a reader of a table from its first row.
func (c *Copy) reader(t *table) *reader {
	return &reader{table: t, bytes: c.cfg.Chunk, limit: firstRows}
}

var errEnough = errors.New("enough rows")

// next reads the next rows. The chunk is empty after the last one. After an error the reader may go on, with another connection.
func (r *reader) next(ctx context.Context, from engine.Conn, careful bool) (*chunk, error) {
	c := &chunk{table: r.table}
	text, args := r.query(careful)
	size := 0
	err := engine.Query(ctx, from, text, args, func(row []driver.Value) error {
		if careful {
			row = plain(row)
		}
		c.values = append(c.values, row...)
		for _, value := range row {
			size += sizeOf(value)
		}
		if size >= r.bytes {
			return errEnough
		}
		return nil
	})
	if err != nil && err != errEnough {
		return nil, within(err, "reading %v", r.table)
	}
	if n := c.len(); n > 0 {
		r.after = r.table.keyOf(c.row(n - 1))
		r.limit = min(max(1, n*r.bytes/max(1, size)), 4*r.limit, maxRows)
	}
	return c, nil
}

// query returns the statement for the next rows.
func (r *reader) query(careful bool) (text string, args []driver.Value) {
	t := r.table
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, column := range t.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if careful {
			column = carefully(column)
		}
		b.WriteString(column)
	}
	fmt.Fprintf(&b, " FROM %s", quoteName(t.name))
	if r.after != nil {
		b.WriteString(" WHERE ")
		args = t.appendBehind(&b, args, t.keys, r.after)
	}
	fmt.Fprintf(&b, " ORDER BY %s LIMIT %d", t.order(false), r.limit)
	return b.String(), args
}

// keyOf returns the key of a row.
func (t *table) keyOf(row []driver.Value) []driver.Value {
	values := make([]driver.Value, len(t.keys))
	for i, k := range t.keys {
		values[i] = row[k.column]
	}
	return values
}

// order returns the terms of ORDER BY.
func (t *table) order(backwards bool) string {
	terms := make([]string, len(t.keys))
	for i, k := range t.keys {
		terms[i] = t.term(k)
		if k.desc != backwards {
			terms[i] += " DESC"
		}
	}
	return strings.Join(terms, ", ")
}

// term returns a part of the key with the collation of the key, which may differ from the column's own.
func (t *table) term(k key) string {
	if k.collation == "" {
		return t.columns[k.column]
	}
	return t.columns[k.column] + " COLLATE " + quoteName(k.collation)
}

// appendBehind appends the condition of the rows behind a key: a > ? or, for several parts, a >= ? AND (a > ? OR b > ?), so that
// SQLite finds the first row in its index.
func (t *table) appendBehind(b *strings.Builder, args []driver.Value, keys []key, after []driver.Value) []driver.Value {
	term, compare := t.term(keys[0]), " > "
	if keys[0].desc {
		compare = " < "
	}
	one := func(operator string) {
		b.WriteString(term + operator)
		args = appendValue(b, args, after[0])
	}
	if len(keys) == 1 {
		one(compare)
		return args
	}
	one(strings.TrimSuffix(compare, " ") + "= ")
	b.WriteString(" AND (")
	one(compare)
	b.WriteString(" OR (")
	args = t.appendBehind(b, args, keys[1:], after[1:])
	b.WriteString("))")
	return args
}

// carefully returns two columns for one: its class, and its value in a form that a server can send. JSON has no infinities and no
// text that isn't UTF-8.
func carefully(column string) string {
	return strings.ReplaceAll("typeof(@), CASE typeof(@) WHEN 'text' THEN CAST(@ AS BLOB) WHEN 'real' THEN CASE WHEN @ IN (9e999, -9e999) THEN CAST(@ AS TEXT) ELSE @ END ELSE @ END", "@", column)
}

// plain returns the values of a row that was read carefully.
func plain(row []driver.Value) []driver.Value {
	values := make([]driver.Value, len(row)/2)
	for i := range values {
		value := row[2*i+1]
		switch class := row[2*i]; bytes := value.(type) {
		case []byte:
			if class == "text" {
				value = string(bytes)
			}
		case string: // Inf or -Inf
			value = math.Inf(1)
			if strings.HasPrefix(bytes, "-") {
				value = math.Inf(-1)
			}
		}
		values[i] = value
	}
	return values
}

func sizeOf(value driver.Value) int {
	switch v := value.(type) {
	case string:
		return len(v) + 16
	case []byte:
		return len(v) + 16
	default:
		return 16
	}
}
