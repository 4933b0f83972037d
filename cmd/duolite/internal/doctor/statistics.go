package doctor

import (
	"context"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

const analyze = "ANALYZE, or PRAGMA optimize from time to time"

// statistics looks at what ANALYZE has stored about large tables with several indexes, among which SQLite chooses.
func (x *examination) statistics(ctx context.Context) error {
	tables, err := x.catalog(ctx)
	if err != nil {
		return err
	}
	counts, err := x.rows(ctx)
	if err != nil {
		return err
	}
	estimates, err := catalog.Estimates(ctx, x.Pool)
	if err != nil {
		return err
	}
	var without []string
	for _, t := range tables {
		estimate, known := estimates[t.Name]
		switch rows := counts[t.Name]; {
		case rows <= countLimit || len(t.Indexes) < 2:
		case !known:
			without = append(without, t.Name)
		case estimate*10 < rows:
			x.found(Note, t.Name, analyze, "ANALYZE counted %s, and there are %s: SQLite may choose the wrong index", count(estimate, "row"), atLeast(rows))
		}
	}
	if len(without) > 0 {
		x.found(Note, strings.Join(without, ", "), analyze, "has more than %d rows and several indexes, and ANALYZE has stored nothing about them: SQLite guesses which index is best", countLimit)
	}
	return nil
}
