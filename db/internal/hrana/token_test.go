package hrana

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestFormat checks that package fmt shows no token of a connection or a database.
func TestFormat(t *testing.T) {
	t.Parallel()
	c := newConn(t, transport.Config{Token: withToken(canary), URL: script(t, always200(okReply))})
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", c, c, c, c, c.db, c.db, c.db); strings.Contains(text, "canary") {
		t.Errorf("package fmt shows the token: %s", text)
	}
}

// TestConnectErrors checks the errors of a token, which Connect asks for, and of plain HTTP.
func TestConnectErrors(t *testing.T) {
	t.Parallel()
	errVault := errors.New("the vault is sealed")
	_, err := New(transport.Config{URL: "http://127.0.0.1:1", Token: func(context.Context) (string, error) { return canary, errVault }}).Connect(t.Context())
	var tokenErr *transport.TokenError
	if !errors.As(err, &tokenErr) || !errors.Is(err, errVault) {
		t.Errorf("error %v", err)
	}
	checkErr(t, "plain HTTP", exec(t, newConn(t, transport.Config{URL: "http://db.example:1", Token: withToken(canary)}), insertOne), nil, false,
		"a token isn't sent over plain HTTP to db.example:1")
	checkErr(t, "nobody", exec(t, newConn(t, transport.Config{URL: "http://127.0.0.1:1", Token: withToken(canary)}), insertOne), engine.ErrUnavailable, false,
		"can't reach the server")
}

// TestTokenIsRenewed checks that Config.Token is called again when the server refuses the token.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	asked := 0
	good := "good1"
	var requests int
	c := newConn(t, transport.Config{
		Token: func(context.Context) (string, error) {
			asked++
			return []string{"old", "good1", "good2", "good2", "bad"}[asked-1], nil
		},
		URL: script(t, func(w http.ResponseWriter, r *http.Request, n int, body string) {
			requests = n
			switch {
			case r.Header.Get("Authorization") != "Bearer "+good:
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"error":"Unauthorized"}`)
			case strings.Contains(body, "BEGIN"):
				fmt.Fprint(w, txReply)
			default:
				fmt.Fprint(w, okReply)
			}
		}),
	})
	check := func(what string, err error, wantAsked, wantRequests int) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if asked != wantAsked || requests != wantRequests {
			t.Errorf("%s: asked %d times, %d requests; want %d, %d", what, asked, requests, wantAsked, wantRequests)
		}
	}
	check("the first", exec(t, c, insertOne), 2, 2)
	check("the second", exec(t, c, insertOne), 2, 3)
	good = "good2"
	err := c.Begin(t.Context(), engine.Write)
	check("renewed", errors.Join(err, exec(t, c, insertOne)), 3, 5)
	good = "none"
	err = exec(t, c, insertOne)
	checkErr(t, "the same again", err, engine.ErrUnauthorized, false, "error code 401: Unauthorized")
	check("the same again", nil, 4, 6)
	checkErr(t, "then", exec(t, c, insertOne), engine.ErrTxLost, false, "")
	if err := c.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	checkErr(t, "another bad one", exec(t, c, insertOne), engine.ErrUnauthorized, false, "error code 401: Unauthorized")
	check("another bad one", nil, 5, 8)
}
