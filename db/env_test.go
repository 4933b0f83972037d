package db_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A host is a server that keeps the Authorization headers it is sent.
type host struct {
	url string

	mu    sync.Mutex
	heard []string
}

// newHost starts a server that answers everything with an error.
func newHost(t *testing.T) *host {
	h := new(host)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.heard = append(h.heard, r.Header.Get("Authorization"))
		h.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// take returns what the server has heard since the last call, each once.
func (h *host) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	heard := h.heard
	h.heard = nil
	slices.Sort(heard)
	return slices.Compact(heard)
}

// environment returns a lookup over lines such as NAME=value.
func environment(lines ...string) func(string) (string, bool) {
	vars := map[string]string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	return func(name string) (string, bool) {
		value, set := vars[name]
		return value, set
	}
}

// envFile writes a file such as .env and returns its path.
func envFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEnvPairs is a table of sources, and of the server and token that are wanted. A and B are
// servers.
func TestEnvPairs(t *testing.T) {
	t.Parallel()
	a, b := newHost(t), newHost(t)
	servers := strings.NewReplacer("{A}", a.url, "{B}", b.url)
	for _, tt := range []struct {
		name  string
		given string
		env   string // variables, with a space between them
		files []string
		want  string // the server and the token, or the error
	}{
		{name: "URL and token", env: "TURSO_DATABASE_URL={A} TURSO_AUTH_TOKEN=t", want: "A t"},
		{name: "no token", env: "TURSO_DATABASE_URL={A}", want: "A"},
		{name: "LIBSQL", env: "LIBSQL_URL={A} LIBSQL_AUTH_TOKEN=t", want: "A t"},
		{name: "DATABASE_URL", env: "DATABASE_URL={A} JWT_TOKEN=t", want: "A t"},
		{name: "in a file", files: []string{"TURSO_DATABASE_URL={A}\nTURSO_AUTH_TOKEN=t\n"}, want: "A t"},

		{name: "the order of URLs", env: "DATABASE_URL=postgres://db/x LIBSQL_URL={B} TURSO_DATABASE_URL={A}", want: "A"},
		{name: "own family first", env: "LIBSQL_URL={A} TURSO_AUTH_TOKEN=turso JWT_TOKEN=jwt LIBSQL_AUTH_TOKEN=libsql", want: "A libsql"},
		{name: "another family", env: "LIBSQL_URL={A} JWT_TOKEN=jwt", want: "A jwt"},
		{name: "the first other family", env: "DATABASE_URL={A} LIBSQL_AUTH_TOKEN=libsql TURSO_AUTH_TOKEN=turso", want: "A turso"},
		{name: "a token beside another URL", env: "TURSO_DATABASE_URL={A} LIBSQL_URL={B} LIBSQL_AUTH_TOKEN=for-b", want: "A"},
		{name: "a token beside a URL of another kind", env: "TURSO_DATABASE_URL={A} DATABASE_URL=postgres://db/x JWT_TOKEN=for-x", want: "A"},
		{name: "a token beside the same URL", env: "TURSO_DATABASE_URL={A} DATABASE_URL={A}/ JWT_TOKEN=jwt", want: "A jwt"},
		{name: "a token beside another namespace", env: "TURSO_DATABASE_URL={A} DATABASE_URL={A}?namespace=x JWT_TOKEN=jwt", want: "A"},

		{name: "a file's URL, the environment's token", env: "TURSO_AUTH_TOKEN=secret", files: []string{"TURSO_DATABASE_URL={A}"}, want: "A"},
		{name: "the environment's URL, a file's token", env: "LIBSQL_URL={A}", files: []string{"LIBSQL_AUTH_TOKEN=t"}, want: "A"},
		{name: "the environment's URL of a later name", env: "DATABASE_URL={A} JWT_TOKEN=t", files: []string{"TURSO_DATABASE_URL={B}\nTURSO_AUTH_TOKEN=u"}, want: "A t"},
		{name: "both sources with all", env: "TURSO_DATABASE_URL={A} TURSO_AUTH_TOKEN=t", files: []string{"TURSO_DATABASE_URL={B}\nTURSO_AUTH_TOKEN=u"}, want: "A t"},
		{name: "two files", files: []string{"TURSO_AUTH_TOKEN=t", "TURSO_DATABASE_URL={A}"}, want: "A"},
		{name: "the second file", files: []string{"X=y", "TURSO_DATABASE_URL={A}\nTURSO_AUTH_TOKEN=t"}, want: "A t"},
		{name: "a file that isn't wanted", env: "TURSO_DATABASE_URL={A}", files: []string{"malformed '"}, want: "A"},
		{name: "the environment's name in a file", env: "TURSO_AUTH_TOKEN=secret", files: []string{"TURSO_DATABASE_URL={A}\nJWT_TOKEN=\"x${TURSO_AUTH_TOKEN}\""}, want: "A x"},
		{name: "the environment's name in a file's URL", env: "TURSO_AUTH_TOKEN=secret", files: []string{"TURSO_DATABASE_URL={A}/$TURSO_AUTH_TOKEN"}, want: "A"},
		{name: "a file's own name", files: []string{"T=t\nTURSO_DATABASE_URL={A}\nTURSO_AUTH_TOKEN=${T}"}, want: "A t"},
		{name: "the forms of a file", files: []string{"\ufeff# comment\r\n\r\nexport TURSO_DATABASE_URL=\"{A}\" # here\r\nexport  TURSO_AUTH_TOKEN='t'\r\n"}, want: "A t"},

		{name: "empty variables", env: "TURSO_DATABASE_URL= TURSO_AUTH_TOKEN= LIBSQL_URL={A} JWT_TOKEN=t", want: "A t"},
		{name: "an empty token and a file", env: "TURSO_DATABASE_URL={A} TURSO_AUTH_TOKEN=", files: []string{"TURSO_AUTH_TOKEN=u"}, want: "A"},
		{name: "an empty URL and a file", env: "TURSO_DATABASE_URL= TURSO_AUTH_TOKEN=secret", files: []string{"TURSO_DATABASE_URL={A}\nTURSO_AUTH_TOKEN=u"}, want: "A u"},
		{name: "white space", env: "TURSO_DATABASE_URL={A}\n TURSO_AUTH_TOKEN=t\n", want: "A t"},

		{name: "a token in the URL", env: "TURSO_DATABASE_URL={A}?authToken=own", want: "A own"},
		{name: "a token in the URL and beside it", env: "TURSO_DATABASE_URL={A}?authToken=own TURSO_AUTH_TOKEN=t", want: "A own"},
		{name: "a token in a file's URL", env: "TURSO_AUTH_TOKEN=secret", files: []string{"DATABASE_URL={A}?namespace=n&authToken=o%2Fwn"}, want: "A o/wn"},

		{name: "given", given: "{A}", env: "TURSO_AUTH_TOKEN=t", want: "A t"},
		{name: "given, the token of a file", given: "{A}", files: []string{"TURSO_DATABASE_URL={A}\nTURSO_AUTH_TOKEN=t"}, want: "A"},
		{name: "given, the token of another", given: "{A}", env: "TURSO_DATABASE_URL={B} TURSO_AUTH_TOKEN=for-b", want: "A"},
		{name: "given, one token of another", given: "{A}", env: "TURSO_DATABASE_URL={B} TURSO_AUTH_TOKEN=for-b JWT_TOKEN=t", want: "A t"},
		{name: "given as in the environment", given: "{A}", env: "TURSO_DATABASE_URL={A} TURSO_AUTH_TOKEN=t", want: "A t"},
		{name: "given with its own", given: "{A}?authToken=own", env: "TURSO_AUTH_TOKEN=t", want: "A own"},
		{name: "given, a file that isn't wanted", given: "{A}", files: []string{"malformed '"}, want: "A"},

		{name: "nothing", want: "db: no database URL; set one of TURSO_DATABASE_URL, LIBSQL_URL, DATABASE_URL in the environment"},
		{name: "tokens alone", env: "TURSO_AUTH_TOKEN=secret", files: []string{"JWT_TOKEN=secret"}, want: "db: no database URL; set one of TURSO_DATABASE_URL, LIBSQL_URL, DATABASE_URL in the environment or FILE"},
		{name: "another database", env: "DATABASE_URL=postgres://user:secret@db/x", want: "db: DATABASE_URL: unknown scheme in the database URL; want a path such as app.db, file:app.db, :memory:, libsql://HOST, https://HOST or http://HOST"},
		{name: "another database in a file", files: []string{"DATABASE_URL=postgres://user:secret@db/x"}, want: "db: DATABASE_URL in FILE: unknown scheme in the database URL; want a path such as app.db, file:app.db, :memory:, libsql://HOST, https://HOST or http://HOST"},
		{name: "given, malformed", given: "http://secret:secret@[", want: "db: http: malformed URL; want http://HOST[:PORT]"},
		{name: "a token for everybody to read", env: "TURSO_DATABASE_URL=http://example.invalid TURSO_AUTH_TOKEN=secret", want: "db: a token for http://example.invalid would be sent over plain HTTP, where others can read it; want libsql:// or https:// (or WithInsecureToken)"},
		{name: "malformed", files: []string{"A=b\nTURSO_AUTH_TOKEN='secret\nTURSO_DATABASE_URL={A}\n"}, want: "db: FILE can't be read: line 2 is malformed; want lines such as TURSO_DATABASE_URL=file:app.db"},
		{name: "malformed at the end", files: []string{"A='b\nc'\nsecret"}, want: "db: FILE can't be read: line 3 is malformed; want lines such as TURSO_DATABASE_URL=file:app.db"},
		{name: "malformed name", files: []string{"A=b\n\nsecret-token=x\nB=c\n"}, want: "db: FILE can't be read: line 3 is malformed; want lines such as TURSO_DATABASE_URL=file:app.db"},
		{name: "endless", files: []string{strings.Repeat("A=b\n", 1<<15)}, want: "db: FILE can't be read: it has more than 65536 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// A line end in a variable, and never a space.
			env := db.Env{Lookup: environment(strings.Split(servers.Replace(tt.env), " ")...)}
			for _, content := range tt.files {
				env.Files = append(env.Files, envFile(t, servers.Replace(content)))
			}
			url, opts, err := env.Resolve(servers.Replace(tt.given))
			if err == nil {
				checkShown(t, "URL", url)
				checkShown(t, "options", opts)
				_, err = db.Open(t.Context(), url, opts...)
			}
			var got []string
			for name, h := range map[string]*host{"A": a, "B": b} {
				for _, header := range h.take() {
					got = append(got, strings.TrimSpace(name+" "+strings.TrimPrefix(header, "Bearer ")))
				}
			}
			if got == nil {
				got = []string{fmt.Sprint(err)}
				if !errors.Is(err, db.ErrConfig) {
					t.Errorf("error %v isn't a %v", err, db.ErrConfig)
				}
			}
			for _, file := range env.Files {
				got[0] = strings.ReplaceAll(got[0], file, "FILE")
			}
			check(t, "server and token", strings.Join(got, "\n"), tt.want)
			if strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// TestEnvLocal is about databases that want no token, with one set.
func TestEnvLocal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, url := range []string{":memory:", filepath.Join(dir, "app.db"), "file:env?mode=memory"} {
		pool, err := openEnv(t, db.Env{Lookup: environment("LIBSQL_URL="+url, "LIBSQL_AUTH_TOKEN="+spy, "TURSO_AUTH_TOKEN="+spy)}, "")
		if err != nil {
			t.Fatal(err)
		}
		execute(t, pool, "CREATE TABLE t (x)")
	}

	env := db.Env{Lookup: environment("TURSO_AUTH_TOKEN=" + spy), Files: []string{filepath.Join(dir, "none")}, Default: ":memory:"}
	pool, err := openEnv(t, env, "")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, pool, "CREATE TABLE t (x)")
}

// TestEnvDefault wants a default to get no token but its own.
func TestEnvDefault(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	for own, want := range map[string]string{"": "", "?authToken=own": "Bearer own"} {
		env := db.Env{Lookup: environment("TURSO_AUTH_TOKEN=" + spy), Default: h.url + own, Files: []string{envFile(t, "JWT_TOKEN="+spy)}}
		openEnv(t, env, "")
		check(t, "heard", strings.Join(h.take(), "\n"), want)
	}
}

// TestEnvServer opens a server that wants a token as people's settings have it.
func TestEnvServer(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	url, token := server.URL(), server.Token(dbtest.ReadWrite)
	file := envFile(t, "export TURSO_DATABASE_URL="+url+"\nexport TURSO_AUTH_TOKEN=\""+token+"\"\n")
	for name, tt := range map[string]struct {
		env   db.Env
		given string
		want  error
	}{
		"environment":         {db.Env{Lookup: environment("LIBSQL_URL="+url, "LIBSQL_AUTH_TOKEN="+token), Files: []string{file}}, "", nil},
		"file":                {db.Env{Lookup: environment(), Files: []string{"/no/such/file", file}}, "", nil},
		"given":               {db.Env{Lookup: environment("JWT_TOKEN=" + token)}, url, nil},
		"in the URL":          {db.Env{Lookup: environment("DATABASE_URL=" + url + "?authToken=" + token)}, "", nil},
		"a file's URL":        {db.Env{Lookup: environment("TURSO_AUTH_TOKEN=" + token), Files: []string{envFile(t, "LIBSQL_URL="+url)}}, "", db.ErrUnauthorized},
		"an environment's":    {db.Env{Lookup: environment("TURSO_DATABASE_URL=" + url), Files: []string{file}}, "", db.ErrUnauthorized},
		"given, not a file's": {db.Env{Lookup: environment(), Files: []string{file}}, url, db.ErrUnauthorized},
	} {
		pool, err := openEnv(t, tt.env, tt.given)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
		if strings.Contains(fmt.Sprint(err), token) {
			t.Errorf("%s: the error shows the token", name)
		}
		if err == nil {
			check(t, name, get[int](t, pool, "SELECT 1"), 1)
		}
	}
}

func TestEnvFileCantBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, _, err := db.Env{Lookup: environment(), Files: []string{dir}}.Resolve("")
	if err == nil || !strings.HasPrefix(err.Error(), "db: "+dir+" can't be read: ") || !errors.Is(err, db.ErrConfig) {
		t.Errorf("a folder: got error %v", err)
	}
	if os.Geteuid() == 0 {
		return // who may read everything
	}
	file := envFile(t, "TURSO_DATABASE_URL=app.db")
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	_, _, err = db.Env{Lookup: environment(), Files: []string{file}}.Resolve("")
	if !errors.Is(err, os.ErrPermission) {
		t.Errorf("mode 0000: got error %v", err)
	}
}

// TestFromEnv uses the process's environment, so it isn't parallel.
func TestFromEnv(t *testing.T) {
	for _, name := range []string{"TURSO_DATABASE_URL", "LIBSQL_URL", "DATABASE_URL", "TURSO_AUTH_TOKEN", "LIBSQL_AUTH_TOKEN", "JWT_TOKEN"} {
		t.Setenv(name, "")
	}
	h := newHost(t)
	t.Setenv("LIBSQL_URL", h.url)
	t.Setenv("JWT_TOKEN", spy)
	url, opts, err := db.FromEnv(".env")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "URL", url, h.url)
	checkShown(t, "options", opts)
	_, err = db.Open(t.Context(), url, opts...)
	checkSecretError(t, "Open", err)
	check(t, "heard", strings.Join(h.take(), "\n"), "Bearer "+spy)
}
