package seq

import (
	"fmt"
	"go/token"
)

// An Error is something in sqlc's code that no iterator can be written for.
type Error struct {
	// Pos is where, in a file that sqlc wrote.
	Pos token.Position
	// Query is the query's name, or "" if it isn't about one.
	Query string
	// Problem says what was met, and what would have worked.
	Problem string
}

func (e *Error) Error() string {
	if e.Query == "" {
		return fmt.Sprintf("%s: %s", e.Pos, e.Problem)
	}
	return fmt.Sprintf("%s: %s: %s", e.Pos, e.Query, e.Problem)
}
