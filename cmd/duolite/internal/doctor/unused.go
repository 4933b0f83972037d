package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

// unusedIndexes looks for indexes that no plan uses. An index that is a constraint, or that a foreign key needs, is used, and one
// whose table a trigger mentions may be.
func (x *examination) unusedIndexes(ctx context.Context) error {
	if x.NoQueries != "" {
		return skip(x.NoQueries)
	}
	if len(x.plans) < len(x.Queries) {
		return skip("some queries don't compile")
	}
	if len(x.plans) == 0 {
		return skip("there are no queries")
	}
	tables, err := x.catalog(ctx)
	if err != nil {
		return err
	}
	triggers, err := x.names(ctx, "SELECT sql FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		return err
	}
	for _, t := range tables {
		inTrigger := slices.ContainsFunc(triggers, func(text string) bool { return mentions(text, t.Name) })
		for _, i := range t.Indexes {
			if i.Origin != "c" || i.Unique || inTrigger || slices.ContainsFunc(t.ForeignKeys, func(k catalog.ForeignKey) bool { return beginsWith(i, k) }) || x.isUsed(i) {
				continue
			}
			x.found(Note, i.Name, drop(i)+", if no other program uses it", "no query of the project uses the index of %s, which each write changes", t.Name)
		}
	}
	return nil
}

func (x *examination) isUsed(i catalog.Index) bool {
	return slices.ContainsFunc(x.plans, func(p plan) bool {
		return slices.ContainsFunc(p.steps, func(step string) bool {
			_, rest, found := strings.Cut(step, " INDEX "+i.Name)
			return found && (rest == "" || rest[0] == ' ')
		})
	})
}
