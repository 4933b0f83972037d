package sqltext

import (
	"strconv"
	"strings"
)

// A Row is an INSERT with VALUES of one row, which can be repeated for more rows.
type Row struct {
	head, tail string
	tuple      []string // the text between the parameters of the row
	indexes    []int    // of the parameters, from 0
	params     int      // SQLite's highest index
	inOrder    bool     // each index once, in order
}

// SingleRow returns the INSERT … VALUES (…) of a statement. It returns false for other statements, and for a row
// that can't be repeated with the same effect: other parts of the statement have parameters, or the row reads
// the database, which an earlier row may change.
func (s *Statement) SingleRow() (row Row, ok bool) {
	if s.Kind != Insert {
		return row, false
	}
	row.params = len(s.Params)
	start, end, depth, from := -1, -1, 0, 0
	values := false // the token before is VALUES
	after := false  // the row has ended with the token before
	for t := range CodeTokens(s.Text) {
		switch {
		case t.Kind == Parameter && (start < 0 || end >= 0):
			return row, false
		case t.Kind == Parameter:
			row.tuple = append(row.tuple, s.Text[from:t.Offset])
			from = t.Offset + len(t.Text)
		case t.Text == "(":
			if depth++; depth == 1 && values {
				start, from = t.Offset, t.Offset
			}
		case t.Text == ")":
			if depth--; depth == 0 && start >= 0 && end < 0 {
				end = t.Offset + 1
				row.tuple = append(row.tuple, s.Text[from:end])
				after = true
				continue
			}
		case after && t.Text != ";" && !equal(t.Text, "on") && !equal(t.Text, "returning"):
			return row, false // a second row, or UNION
		case t.Kind == Word && start >= 0 && end < 0 && readsDatabase(t.Text), t.Kind == Word && equal(t.Text, "with"):
			return row, false
		}
		values, after = t.Kind == Word && equal(t.Text, "values"), false
	}
	if end < 0 {
		return row, false
	}
	row.head, row.tail = s.Text[:start], s.Text[end:]
	row.inOrder = true
	for _, index := range s.Parameters() {
		row.inOrder = row.inOrder && index == len(row.indexes)+1
		row.indexes = append(row.indexes, index-1)
	}
	row.inOrder = row.inOrder && len(row.indexes) == row.params
	return row, true
}

// readsDatabase reports whether a word in a row reads the database or the statements before.
func readsDatabase(word string) bool {
	return equal(word, "select") || equal(word, "last_insert_rowid") || equal(word, "changes") || equal(word, "total_changes")
}

// Params returns the number of parameters of a row.
func (r *Row) Params() int { return r.params }

// Len returns the approximate length of the text of a number of rows, in bytes.
func (r *Row) Len(rows int) int {
	row := len(", ")
	for _, text := range r.tuple {
		row += len(text) + len("?12345")
	}
	return len(r.head) + len(r.tail) + rows*row
}

// Text returns the statement with a number of rows. The parameters of row i, from 0, have the indexes of the first
// row, plus i times Params.
func (r *Row) Text(rows int) string {
	var b strings.Builder
	b.WriteString(r.head)
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		for i, text := range r.tuple {
			b.WriteString(text)
			switch {
			case i == len(r.indexes):
			case r.inOrder:
				b.WriteString("?")
			default:
				b.WriteString("?" + strconv.Itoa(row*r.params+r.indexes[i]+1))
			}
		}
	}
	b.WriteString(r.tail)
	return b.String()
}
