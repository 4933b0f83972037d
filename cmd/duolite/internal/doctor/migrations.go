package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/duolite/duolite/cmd/duolite/internal/status"
	"github.com/duolite/duolite/db"
)

// migrations looks for migrations that the database lacks, or that the folder lacks.
func (x *examination) migrations(ctx context.Context) error {
	if x.Migrations == nil {
		return skip("there is no folder schema or migrations here; name it with --dir")
	}
	all, err := db.MigrationStatus(ctx, x.Pool, x.Migrations)
	switch {
	case errors.Is(err, db.ErrNewerSchema):
		x.found(Warning, "", "take the newest version of the folder and of the program", "%v", err)
		return nil
	case err != nil:
		return err
	}
	var pending, late []string
	for _, m := range all {
		if m.Applied {
			late = append(late, pending...)
			pending = nil
		} else {
			pending = append(pending, m.Name)
		}
	}
	if len(late) > 0 {
		x.found(Warning, status.Some(late), "give the files numbers after the newest one's, and then duolite migrate up",
			"%s pending, with a number before one that the database has already", isOrAre(len(late), "migration"))
	}
	if len(pending) > 0 {
		x.found(Warning, status.Some(pending), "duolite migrate up", "%s pending", isOrAre(len(pending), "migration"))
	}
	return nil
}

func isOrAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return fmt.Sprintf("%d %ss are", n, noun)
}
