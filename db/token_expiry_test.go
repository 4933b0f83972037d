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

func TestTokenExpiry(t *testing.T) {
	t.Parallel()
	jwt := func(payload string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	const server = "libsql://example.com"
	for name, tt := range map[string]struct {
		url  string
		opts []db.Option
		want time.Time
	}{
		"in an option":  {server, []db.Option{db.WithAuthToken(jwt(`{"a":"rw","exp":1772600767}`))}, at},
		"in the URL":    {server + "?authToken=" + jwt(`{"exp":1772600767.5}`), nil, at},
		"of a function": {server, []db.Option{db.WithAuthTokenFunc(func(context.Context) (string, error) { return jwt(`{"exp":1772600767}`), nil })}, at},
		"no expiry":     {server, []db.Option{db.WithAuthToken(jwt(`{"a":"rw"}`))}, time.Time{}},
		"a text":        {server, []db.Option{db.WithAuthToken(jwt(`{"exp":"never"}`))}, time.Time{}},
		"a huge number": {server, []db.Option{db.WithAuthToken(jwt(`{"exp":1e300}`))}, time.Time{}},
		"no JWT":        {server, []db.Option{db.WithAuthToken("secret")}, time.Time{}},
		"no base64":     {server, []db.Option{db.WithAuthToken("a.!.c")}, time.Time{}},
		"no token":      {server, nil, time.Time{}},
		"a file":        {"app.db", nil, time.Time{}},
	} {
		got, err := db.TokenExpiry(t.Context(), tt.url, tt.opts...)
		if err != nil || !got.Equal(tt.want) {
			t.Errorf("%s: %v, error %v; want %v", name, got, err, tt.want)
		}
	}
	if _, err := db.TokenExpiry(t.Context(), "nonsense:"); !errors.Is(err, db.ErrConfig) {
		t.Errorf("error %v, want an ErrConfig", err)
	}
	failure := errors.New("no token today")
	_, err := db.TokenExpiry(t.Context(), server, db.WithAuthTokenFunc(func(context.Context) (string, error) { return "", failure }))
	if !errors.Is(err, failure) {
		t.Errorf("error %v, want the function's", err)
	}
	if _, err := db.TokenExpiry(t.Context(), server, db.WithAuthToken(jwt(`{}`)), db.WithAuthToken(canary)); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("error %v, want one without the token", err)
	}
}
