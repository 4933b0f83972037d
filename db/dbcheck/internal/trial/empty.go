package trial

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// emptyDraws is how often a method is called with empty slices in a state.
const emptyDraws = 24

// EmptyMatters reports whether an empty slice changes the result of a method, as sqlc makes it NULL: the
// statement has one result with IN (NULL) and another with IN (). It returns the state in which that
// was seen. A statement with random values has other results anyway.
func (d *Databases) EmptyMatters(b *call.Binding) (seen string, ok bool) {
	if b.Query.Contains("random") {
		return "", false
	}
	for i, s := range []*state{d.states[fullState], d.states[nullState]} {
		drawer := d.newDrawer(b, s, 4, uint64(i))
		for range emptyDraws {
			values := drawer.values(b.Method)
			for i, l := range b.Method.Args {
				if l.Slice {
					values[i] = nil
				}
			}
			sent, err := b.Method.Record(d.Tap, values)
			if err != nil {
				return "", false
			}
			if d.differ(s, sent, call.Statement{Text: withoutNULL(sent.Text), Args: sent.Args}) {
				return s.says, true
			}
		}
	}
	return "", false
}

// differ reports whether two statements have different results.
func (d *Databases) differ(s *state, one, other call.Statement) bool {
	a, errA := d.resultOf(s, one)
	b, errB := d.resultOf(s, other)
	return errA == nil && errB == nil && !slices.Equal(a, b)
}

// resultOf returns the rows of a statement, sorted, and the number of rows that it changes. All changes are
// rolled back.
func (d *Databases) resultOf(s *state, sent call.Statement) ([]string, error) {
	ctx, cancel := context.WithTimeout(d.ctx, runLimit)
	defer cancel()
	tx, err := s.pool.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	a, err := readRows(ctx, tx, sent.Text, sent.Args...)
	if err != nil {
		return nil, err
	}
	var result []string
	for _, row := range a.Rows {
		result = append(result, fmt.Sprint(row...))
	}
	slices.Sort(result)
	if reads(sent.Text) {
		return result, nil
	}
	var changed int64
	err = tx.QueryRowContext(ctx, "SELECT changes()").Scan(&changed)
	return append(result, fmt.Sprint(changed)), err
}

// withoutNULL returns a statement with IN () for each IN (NULL).
func withoutNULL(text string) string {
	parts := source.Parts(text)
	for i := len(parts) - 2; i > 1; i-- {
		null := strings.EqualFold(parts[i].Text, "null") && parts[i-1].Text == "(" && parts[i+1].Text == ")"
		if null && strings.EqualFold(parts[i-2].Text, "in") {
			text = text[:parts[i].Offset] + text[parts[i].Offset+len(parts[i].Text):]
		}
	}
	return text
}
