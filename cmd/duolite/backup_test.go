package main

import (
	"bytes"
	"io"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
)

// TestBackupWithoutPages: the backup of a server without the table sqlite_dbpage fails, and the error names duolite copy. A proxy
// asks the server for a table of another name.
func TestBackupWithoutPages(t *testing.T) {
	server, err := url.Parse(dbtest.StartServer(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(server)
		body, err := io.ReadAll(r.In.Body)
		if err != nil {
			t.Error(err)
		}
		r.Out.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte("sqlite_dbpage"), []byte("sqlite_nopage"))))
	}})
	defer proxy.Close()
	t.Chdir(t.TempDir())
	var stderr bytes.Buffer
	code := report(&stderr, run(t.Context(), []string{"backup", proxy.URL, "app.db"}, nil, io.Discard, &stderr))
	want := "duolite: " + proxy.URL + " doesn't have SQLite's table sqlite_dbpage, from which a backup is read; make a copy: duolite copy " + proxy.URL + " app.db\n"
	if code != exitFailed || stderr.String() != want {
		t.Errorf("exit code %d, stderr %q\nwant %q", code, &stderr, want)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	if code := report(&stderr, run(t.Context(), []string{"copy", proxy.URL, "app.db"}, nil, io.Discard, &stderr)); code != 0 {
		t.Errorf("the copy fails: %s", &stderr)
	}
}
