package doctor

import (
	"fmt"
	"time"
)

// soon is the time before a token's end from which on it is a finding. For a token that lives for less than 70 days it is the last tenth
// of its life: a program or a job renews such a token all the time.
const soon = 7 * 24 * time.Hour

// Token returns the finding for a token that has expired, or expires soon, and nil for others. The zero time is no
// end, or an unknown beginning.
func Token(issued, expires, now time.Time) *Finding {
	const remedy = "make a new token, for Turso by: turso db tokens create DATABASE"
	if expires.IsZero() {
		return nil
	}
	last := soon
	if !issued.IsZero() {
		last = min(soon, expires.Sub(issued)/10)
	}
	left := expires.Sub(now)
	switch at := expires.UTC().Format(time.DateTime) + " UTC"; {
	case left <= 0:
		return &Finding{"token", Error, "", "the server's token expired at " + at, remedy}
	case left <= last:
		return &Finding{"token", Warning, "", fmt.Sprintf("the server's token expires at %s, in %s", at, left.Round(time.Minute)), remedy}
	}
	return nil
}
