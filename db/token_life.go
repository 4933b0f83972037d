package db

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// TokenLife returns the times at which the token for a server was issued and at which it expires, so that a program can warn
// before it does. The URL and the options are [Open]'s; the server isn't asked. The times are the claims iat and exp of a JSON Web
// Token, as Turso and sqld use them, whose signature isn't checked. A time is zero if the token has no such claim, if there is
// no token, and for a file. A function of [WithAuthTokenFunc] is called for the token.
func TokenLife(ctx context.Context, url string, opts ...Option) (issued, expires time.Time, err error) {
	cfg, err := parse(url, opts)
	if err != nil || cfg.libsql.Token == nil {
		return time.Time{}, time.Time{}, err
	}
	token, err := cfg.libsql.Token(ctx)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	issued, expires = lifeOf(token)
	return issued, expires, nil
}

// lifeOf returns the claims iat and exp of a JSON Web Token. https://www.rfc-editor.org/rfc/rfc7519
func lifeOf(token string) (issued, expires time.Time) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return issued, expires
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return issued, expires
	}
	var claims struct {
		Issued  *float64 `json:"iat"` // seconds, possibly with a fraction
		Expires *float64 `json:"exp"`
	}
	_ = json.Unmarshal(payload, &claims) // a claim of another type is nil or 0
	return timeOf(claims.Issued), timeOf(claims.Expires)
}

// timeOf returns the time of a claim in seconds, or the zero time.
func timeOf(claim *float64) time.Time {
	if claim == nil || *claim <= 0 || *claim > 1e11 { // a float outside of this range is no time
		return time.Time{}
	}
	return time.Unix(int64(*claim), 0)
}
