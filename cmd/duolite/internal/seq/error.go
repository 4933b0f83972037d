package seq

import (
	"fmt"
	"go/token"
)

// An Error is code of sqlc for which no iterator can be written.
type Error struct {
	// Pos is its position in a file that sqlc wrote.
	Pos token.Position
	// Query is the query's name, or "" if the error is about no query.
	Query string
	// Problem names the code that was found, and code that would have worked.
	Problem string
}

func (e *Error) Error() string {
	if e.Query == "" {
		return fmt.Sprintf("%s: %s", e.Pos, e.Problem)
	}
	return fmt.Sprintf("%s: %s: %s", e.Pos, e.Query, e.Problem)
}
