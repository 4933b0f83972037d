package right

import (
	"context"
	"errors"
	"strings"
)

// SelectByTitle is no method of sqlc, although it sends a query's text: its argument and its errors are
// its own.
func (q *Queries) SelectByTitle(ctx context.Context, title string, again bool) (bool, error) {
	if again {
		return false, errors.New("again")
	}
	return q.Exists(ctx, strings.TrimSpace(title))
}
