package hrana

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := script(t, func(w http.ResponseWriter, r *http.Request, _ int, body string) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token goes to another host")
		}
		if r.Method != http.MethodPost || !strings.Contains(body, "INSERT") {
			t.Errorf("got %s %s", r.Method, body)
		}
		fmt.Fprint(w, okReply)
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
		{307, "", "", "the server redirects, which isn't followed: it doesn't say where to"},
		{307, "http://user:secret@" + otherHost, "", "the server redirects to " + otherHost},
		{302, "http://a%e2%80%ae\xc2\x9b.example/", "", `the server redirects to a\u202e\u009b.example, which`},
		{307, "/again", "", "the server redirects too often"},
	} {
		var requests int
		cfg := Config{URL: script(t, func(w http.ResponseWriter, r *http.Request, n int, _ string) {
			requests = n
			if r.URL.Path == "/elsewhere" {
				fmt.Fprint(w, okReply)
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
		err := exec(t, newConn(t, cfg), insertOne)
		what := fmt.Sprint(tt)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		checkErr(t, what, err, engine.ErrUnavailable, false, tt.want)
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: the error shows a secret: %v", what, err)
		}
		if requests > 1+maxRedirects {
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
		if got := streamBase(tt.said, present, tt.token).String(); got != tt.want {
			t.Errorf("%v: got %s", tt, got)
		}
	}

	// A stream stays where it is, and a new one begins at the database's URL.
	var here, there int
	sticky := script(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		there = n
		fmt.Fprint(w, okReply)
	})
	c := newConn(t, Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		here = n
		fmt.Fprint(w, strings.Replace(okReply, `"base_url":null`, `"base_url":"`+sticky+`"`, 1))
	})})
	for range 3 {
		if err := exec(t, c, selectOne); err != nil {
			t.Fatal(err)
		}
	}
	c.drop()
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
	}
	if here != 2 || there != 2 {
		t.Errorf("%d requests here, %d there; want 2 and 2", here, there)
	}
}
