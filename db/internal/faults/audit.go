package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db"
)

// audit counts the marks of all operations again, in case a write was applied late, and
// searches for statements that ran outside of their transaction.
func (l *lane) audit(ctx context.Context) error {
	for _, d := range l.done {
		counts, err := l.ledger.Count(ctx, d.op, d.workload.mark, d.workload.ledgerParts())
		if err != nil {
			return fmt.Errorf("the ledger: %w", err)
		}
		if slices.Equal(counts, d.outcome.counts) {
			continue
		}
		late := d
		late.outcome.counts = counts
		if promise, reason := d.workload.judge(late.outcome); promise != "" {
			l.violate(promise, late, reason+", late")
		} else if !errors.Is(d.outcome.err, db.ErrOutcomeUnknown) {
			l.violate(Known, late, fmt.Sprintf("it was %v", d.outcome.counts))
		}
	}
	l.done = nil
	return nil
}

// Strays returns the number of rows written by statements of transactions that were over, and
// deletes these rows.
func (l *Ledger) Strays(ctx context.Context) (int64, error) {
	result, err := l.pool.ExecContext(ctx, "DELETE FROM fault_rows WHERE op = -1")
	if err != nil {
		return 0, fmt.Errorf("the ledger: %w", err)
	}
	return result.RowsAffected()
}
