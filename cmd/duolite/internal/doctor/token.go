package doctor

import (
	"fmt"
	"time"
)

// soon is the time before a token's end from which on it is a finding.
const soon = 7 * 24 * time.Hour

// Token returns the finding for a token that has expired, or expires soon, and nil for others. The zero time is no
// end.
func Token(expires, now time.Time) *Finding {
	const remedy = "make a new token, for Turso by: turso db tokens create DATABASE"
	left := expires.Sub(now)
	if expires.IsZero() {
		return nil
	}
	switch at := expires.UTC().Format(time.DateTime) + " UTC"; {
	case left <= 0:
		return &Finding{"token", Error, "", "the server's token expired at " + at, remedy}
	case left <= soon:
		return &Finding{"token", Warning, "", fmt.Sprintf("the server's token expires at %s, in %s", at, left.Round(time.Minute)), remedy}
	}
	return nil
}
