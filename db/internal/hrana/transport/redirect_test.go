package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/hrana/wire"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := serve(t, func(w http.ResponseWriter, r *http.Request, _ int, body string) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token goes to another host")
		}
		if r.Method != http.MethodPost || body != `{"requests":[]}` {
			t.Errorf("got %s %s", r.Method, body)
		}
		fmt.Fprint(w, "OK")
	})
	otherHost := strings.TrimPrefix(other, "http://")
	for _, tt := range []struct {
		status int
		to     string
		token  string
		want   string
	}{
		{307, other + "/x", "", ""},
		{308, other + "/x", "", ""},
		{307, "/elsewhere", "", ""},
		{307, "/elsewhere", canary, ""},
		{307, other + "/x?q=secret", canary, "the server redirects to " + otherHost + ", which isn't followed: the token is for 127.0.0.1:"},
		{301, other + "/x?q=secret", "", "the server redirects to " + otherHost + ", which isn't followed: only 307 and 308"},
		{302, other, "", "the server redirects to " + otherHost},
		{303, other, canary, "the server redirects to " + otherHost},
		{307, "https://db.example/?q=secret", "", "the server redirects to db.example, which isn't followed: it is from http to https"},
		{307, "", "", "the server redirects, which isn't followed: it has no location"},
		{307, "http://user:secret@" + otherHost, "", "the server redirects to " + otherHost},
		{302, "http://a%e2%80%ae\xc2\x9b.example/", "", `the server redirects to a\u202e\u009b.example, which`},
		{307, "/again", "", "the server redirects too often"},
	} {
		var requests int
		cfg := Config{URL: serve(t, func(w http.ResponseWriter, r *http.Request, n int, _ string) {
			requests = n
			if r.URL.Path == "/elsewhere" {
				fmt.Fprint(w, "OK")
				return
			}
			if tt.to != "" {
				w.Header().Set("Location", tt.to)
			}
			w.WriteHeader(tt.status)
		})}
		if tt.token != "" {
			cfg.Token = withToken(tt.token)
		}
		err := send(t.Context(), newClient(t, cfg))
		what := fmt.Sprint(tt)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		var send *SendError
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || errors.As(err, &send) {
			t.Errorf("%s: error %v (%T), want %q", what, err, err, tt.want)
		}
		if text := fmt.Sprint(err); strings.Contains(text, "secret") || strings.Contains(text, canary) {
			t.Errorf("%s: the error shows a secret: %v", what, err)
		}
		if requests > 1+MaxRedirects {
			t.Errorf("%s: %d requests", what, requests)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said, present string
		token         bool
		want          string
	}{
		{"", "http://a", true, "http://a"},
		{"http://b/x?q#f", "http://a", false, "http://b/x"},
		{"http://b", "http://a", true, "http://a"},
		{"http://a:81", "http://a", true, "http://a"},
		{"http://a/x", "http://a", true, "http://a/x"},
		{"https://b", "https://a", true, "https://b"},
		{"http://a", "https://a", false, "https://a"},
		{"https://a", "http://a", false, "http://a"},
		{"ftp://a", "http://a", false, "http://a"},
		{"/x", "http://a", false, "http://a"},
		{"http://u:p@b", "http://a", false, "http://a"},
		{"::", "http://a", false, "http://a"},
	} {
		present, err := url.Parse(tt.present)
		if err != nil {
			t.Fatal(err)
		}
		key := &Key{}
		if tt.token {
			key.token = canary
		}
		site := newSite(present)
		got := site.Follow(tt.said, key)
		if got.base.String() != tt.want || got.Pipeline(wire.JSON).url.String() != tt.want+"/v3/pipeline" || got.Cursor(wire.Protobuf).url.String() != tt.want+"/v3-protobuf/cursor" {
			t.Errorf("%v: got %v", tt, got)
		}
		if (got == site) != (tt.want == tt.present) {
			t.Errorf("%v: a new site: %v", tt, got != site)
		}
	}
}
