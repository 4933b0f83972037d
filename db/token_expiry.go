package db

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// TokenExpiry returns the time at which the token for a server expires, so that a program can warn before it does.
// The URL and the options are [Open]'s; the server isn't asked. The time is the claim exp of a JSON Web Token, as
// Turso and sqld use them, whose signature isn't checked. It is zero if there is no token, if the token has no such
// claim, and for a file. A function of [WithAuthTokenFunc] is called for the token.
func TokenExpiry(ctx context.Context, url string, opts ...Option) (time.Time, error) {
	cfg, err := parse(url, opts)
	if err != nil || cfg.libsql.Token == nil {
		return time.Time{}, err
	}
	token, err := cfg.libsql.Token(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return expiryOf(token), nil
}

// expiryOf returns the claim exp of a JSON Web Token. https://www.rfc-editor.org/rfc/rfc7519
func expiryOf(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Expiry *float64 `json:"exp"` // seconds, possibly with a fraction
	}
	// A float outside of this range is no time.
	if err := json.Unmarshal(payload, &claims); err != nil || claims.Expiry == nil || *claims.Expiry < 0 || *claims.Expiry > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(*claims.Expiry), 0)
}
