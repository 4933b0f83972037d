package db_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

func TestTokenLife(t *testing.T) {
	t.Parallel()
	jwt := func(payload string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	none := time.Time{}
	const server = "libsql://example.com"
	for name, tt := range map[string]struct {
		url             string
		opts            []db.Option
		issued, expires time.Time
	}{
		"in an option":  {server, []db.Option{db.WithAuthToken(jwt(`{"a":"rw","iat":1772514367,"exp":1772600767}`))}, at.Add(-24 * time.Hour), at},
		"in the URL":    {server + "?authToken=" + jwt(`{"exp":1772600767.5}`), nil, none, at},
		"of a function": {server, []db.Option{db.WithAuthTokenFunc(func(context.Context) (string, error) { return jwt(`{"exp":1772600767}`), nil })}, none, at},
		"no expiry":     {server, []db.Option{db.WithAuthToken(jwt(`{"a":"rw"}`))}, none, none},
		"a text":        {server, []db.Option{db.WithAuthToken(jwt(`{"exp":"never"}`))}, none, none},
		"one text":      {server, []db.Option{db.WithAuthToken(jwt(`{"iat":"now","exp":1772600767}`))}, none, at},
		"issued only":   {server, []db.Option{db.WithAuthToken(jwt(`{"iat":1772600767}`))}, at, none},
		"a huge number": {server, []db.Option{db.WithAuthToken(jwt(`{"exp":1e300}`))}, none, none},
		"no JWT":        {server, []db.Option{db.WithAuthToken("secret")}, none, none},
		"no base64":     {server, []db.Option{db.WithAuthToken("a.!.c")}, none, none},
		"no token":      {server, nil, none, none},
		"a file":        {"app.db", nil, none, none},
	} {
		issued, expires, err := db.TokenLife(t.Context(), tt.url, tt.opts...)
		if err != nil || !issued.Equal(tt.issued) || !expires.Equal(tt.expires) {
			t.Errorf("%s: %v to %v, error %v; want %v to %v", name, issued, expires, err, tt.issued, tt.expires)
		}
	}
	if _, _, err := db.TokenLife(t.Context(), "nonsense:"); !errors.Is(err, db.ErrConfig) {
		t.Errorf("error %v, want an ErrConfig", err)
	}
	failure := errors.New("no token today")
	_, _, err := db.TokenLife(t.Context(), server, db.WithAuthTokenFunc(func(context.Context) (string, error) { return "", failure }))
	if !errors.Is(err, failure) {
		t.Errorf("error %v, want the function's", err)
	}
	if _, _, err := db.TokenLife(t.Context(), server, db.WithAuthToken(jwt(`{}`)), db.WithAuthToken(canary)); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("error %v, want one without the token", err)
	}
}
