package copydb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"math"
	"slices"
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
	size   int // about, in bytes
}

func (c *chunk) add(row []driver.Value) {
	c.values = append(c.values, row...)
	for _, value := range row {
		c.size += sizeOf(value)
	}
}

func (c *chunk) len() int { return len(c.values) / max(1, len(c.table.columns)) }

func (c *chunk) row(i int) []driver.Value {
	n := len(c.table.columns)
	return c.values[i*n : (i+1)*n]
}

// A reader reads the rows of a table in the order of their keys. It may go on with another connection.
type reader struct {
	table *table
	bytes int            // the size of a chunk
	after []driver.Value // the key of the last row that was read, or nil before the first
	limit int            // of the next query
	// rows are the rest of a query that had more than a chunk. A server sends them while they are read, so the query isn't ended before
	// its last row: the rest would have to be received nevertheless.
	rows engine.Rows
}

// reader returns a reader of a table from its first row.
func (c *Copy) reader(t *table) *reader {
	return &reader{table: t, bytes: c.cfg.Chunk, limit: firstRows}
}

// next reads the next rows. The chunk is empty after the last one.
func (r *reader) next(ctx context.Context, from engine.Conn, careful bool) (*chunk, error) {
	c := &chunk{table: r.table}
	if err := r.fill(ctx, from, careful, c); err != nil {
		r.close()
		return nil, within(err, "reading %v", r.table)
	}
	if n := c.len(); n > 0 {
		r.after = r.table.keyOf(c.row(n - 1))
		r.limit = min(max(1, n*r.bytes/max(1, c.size)), 4*r.limit, maxRows)
	}
	return c, nil
}

// fill fills a chunk with the rows of a query, or of its rest.
func (r *reader) fill(ctx context.Context, from engine.Conn, careful bool, c *chunk) (err error) {
	rest := r.rows != nil
	if !rest {
		text, args := r.query(careful)
		if r.rows, err = engine.Open(ctx, from, text, args); err != nil {
			return err
		}
	}
	row := make([]driver.Value, len(r.rows.Columns()))
	for c.size < r.bytes {
		switch err := r.rows.Next(row); {
		case err == io.EOF && rest && c.len() == 0: // the chunk before had the last row of the query
			r.close()
			return r.fill(ctx, from, careful, c)
		case err == io.EOF:
			return r.close()
		case err != nil:
			return err
		}
		if careful {
			c.add(plain(row))
		} else {
			c.add(row)
		}
	}
	return nil
}

// close ends a query.
func (r *reader) close() (err error) {
	if r.rows != nil {
		err = r.rows.Close()
	}
	r.rows = nil
	return err
}

// query returns the statement for the next rows.
func (r *reader) query(careful bool) (text string, args []driver.Value) {
	t := r.table
	var b strings.Builder
	columns := strings.Join(t.columns, ", ")
	if careful {
		columns = carefully(t.columns)
	}
	fmt.Fprintf(&b, "SELECT %s FROM %s", columns, t.on())
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

// carefully returns a column with the first letters of the columns' classes, and the columns with values in a form that a server can
// send. JSON has no infinities and no text that isn't UTF-8.
func carefully(columns []string) string {
	classes, values := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		classes[i] = "substr(typeof(" + column + "), 1, 1)"
		values[i] = strings.ReplaceAll("CASE typeof(@) WHEN 'text' THEN CAST(@ AS BLOB) WHEN 'real' THEN CASE WHEN @ IN (9e999, -9e999) THEN CAST(@ AS TEXT) ELSE @ END ELSE @ END", "@", column)
	}
	return combine(classes, " || ") + ", " + strings.Join(values, ", ")
}

// combine combines terms by an operator. SQLite refuses an expression that is more than 1000 operators deep, so the terms are cut in
// halves. https://sqlite.org/limits.html#max_expr_depth
func combine(terms []string, operator string) string {
	if len(terms) == 1 {
		return terms[0]
	}
	half := len(terms) / 2
	return "(" + combine(terms[:half], operator) + operator + combine(terms[half:], operator) + ")"
}

// plain returns the values of a row that was read carefully.
func plain(row []driver.Value) []driver.Value {
	classes, values := text(row[0]), slices.Clone(row[1:])
	for i, value := range values {
		switch bytes := value.(type) {
		case []byte:
			if classes[i] == 't' {
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
