package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/sqlite"
	"github.com/google/go-cmp/cmp"
)

// canary stands for a token or a password in the URLs of these tests: no text that
// anybody sees may have it.
const canary = "eyJCANARY"

// opened is what a config comes to, in a form that can be compared.
type opened struct {
	Engine        Engine
	SQLite        sqlite.Config
	URL           string // the server's address
	Token         string
	InsecureToken bool
	MaxConns      int
}

// redacted returns how the database is shown.
func (o opened) redacted() string {
	switch {
	case o.Engine == LibSQL:
		return o.URL
	case o.SQLite.Memory:
		return ":memory:"
	default:
		return o.SQLite.Path
	}
}

func openedBy(t *testing.T, cfg config) opened {
	t.Helper()
	o := opened{cfg.engine, cfg.sqlite, cfg.libsql.URL, "", cfg.libsql.InsecureToken, cfg.maxOpenConns}
	if cfg.libsql.Token != nil {
		token, err := cfg.libsql.Token(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		o.Token = token
	}
	return o
}

// local returns what a SQLite database is opened with if no option says otherwise.
func local(s sqlite.Config) opened {
	s.BusyTimeout, s.SharedCache = 5*time.Second, 64<<20
	return opened{Engine: SQLite, SQLite: s, MaxConns: 16}
}

func file(path string, mode sqlite.Mode) opened {
	return local(sqlite.Config{Path: filepath.FromSlash(path), Mode: mode})
}

func immutable(path string) opened {
	return local(sqlite.Config{Path: filepath.FromSlash(path), Mode: sqlite.ReadOnly, Immutable: true})
}

func memory(name string) opened {
	return local(sqlite.Config{Path: name, Memory: true})
}

func server(url, token string) opened {
	return opened{Engine: LibSQL, URL: url, Token: token, MaxConns: 16}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url  string
		want opened
	}{
		// Paths.
		{"app.db", file("app.db", "rwc")},
		{"app", file("app", "rwc")},
		{"data/app.db", file("data/app.db", "rwc")},
		{"./app:1.db", file("./app:1.db", "rwc")},
		{"../app.db", file("../app.db", "rwc")},
		{"/var/lib/app.db", file("/var/lib/app.db", "rwc")},
		{"/var/lib/a:b.db", file("/var/lib/a:b.db", "rwc")},
		{"my app.db", file("my app.db", "rwc")},
		{"100%.db", file("100%.db", "rwc")},
		{"a%20b#c.db", file("a%20b#c.db", "rwc")}, // a path has no escapes
		{"日本.db", file("日本.db", "rwc")},
		{`C:\data\app.db`, file(`C:\data\app.db`, "rwc")},
		{"C:/data/app.db", file("C:/data/app.db", "rwc")},

		// URIs of files.
		{"file:app.db", file("app.db", "rwc")},
		{"FILE:app.db", file("app.db", "rwc")},
		{"file:data/app.db", file("data/app.db", "rwc")},
		{"file:/var/app.db", file("/var/app.db", "rwc")},
		{"file:///var/app.db", file("/var/app.db", "rwc")},
		{"file://localhost/var/app.db", file("/var/app.db", "rwc")},
		{"file:a%20b.db", file("a b.db", "rwc")},
		{"file:a+b.db", file("a+b.db", "rwc")},
		{"file:what%3F.db", file("what?.db", "rwc")},
		{"file:no%231.db", file("no#1.db", "rwc")},
		{"file:100%25.db", file("100%.db", "rwc")},
		{"file:app.db?", file("app.db", "rwc")},
		{"file:app.db?mode=", file("app.db", "rwc")},
		{"file:app.db?mode=rwc", file("app.db", "rwc")},
		{"file:app.db?mode=rw", file("app.db", "rw")},
		{"file:app.db?mode=ro", file("app.db", "ro")},
		{"file:app.db?mod%65=r%6F", file("app.db", "ro")},
		{"file:app.db?immutable=0", file("app.db", "rwc")},
		{"file:app.db?immutable=1", immutable("app.db")},
		{"file:app.db?mode=ro&immutable=1", immutable("app.db")},

		// In memory.
		{":memory:", memory("")},
		{"file::memory:", memory("")},
		{"file::memory:?mode=memory", memory("")},
		{"file:shared?mode=memory", memory("shared")},
		{"file:/a%20b?mode=memory", memory("/a b")},

		// Servers.
		{"libsql://example.com", server("https://example.com", "")},
		{"https://example.com", server("https://example.com", "")},
		{"wss://example.com", server("https://example.com", "")},
		{"http://example.com", server("http://example.com", "")},
		{"ws://example.com", server("http://example.com", "")},
		{"LibSQL://Example.com", server("https://Example.com", "")},
		{"HTTP://example.com:8080", server("http://example.com:8080", "")},
		{"libsql://example.com:443/", server("https://example.com:443", "")},
		{"libsql://[2001:db8::1]:8080", server("https://[2001:db8::1]:8080", "")},
		{"https://example.com/dev/main//", server("https://example.com/dev/main", "")},
		{"https://example.com/a%2Fb%20c/", server("https://example.com/a%2Fb%20c", "")},
		{"https://example.com?", server("https://example.com", "")},
		{"libsql://example.com?tls=1", server("https://example.com", "")},
		{"libsql://example.com:80?tls=0", server("http://example.com:80", "")},
		{"https://example.com?tls=1", server("https://example.com", "")},
		{"wss://example.com?tls=1", server("https://example.com", "")},
		{"http://example.com?tls=0", server("http://example.com", "")},
		{"ws://example.com?tls=0", server("http://example.com", "")},
		{"libsql://example.com?authToken=" + canary, server("https://example.com", canary)},
		{"wss://example.com/x?tls=1&authToken=" + canary, server("https://example.com/x", canary)},
		{"libsql://example.com?authToken=a%26b%2Bc%25", server("https://example.com", "a&b+c%")},
	} {
		cfg, err := parse(tt.url, nil)
		if err != nil {
			t.Errorf("parse(%q): %v", tt.url, err)
			continue
		}
		if diff := cmp.Diff(tt.want, openedBy(t, cfg)); diff != "" {
			t.Errorf("parse(%q) (-want +got):\n%s", tt.url, diff)
		}
		if engine, err := EngineOf(tt.url); engine != tt.want.Engine || err != nil {
			t.Errorf("EngineOf(%q) = %v, %v; want %v", tt.url, engine, err, tt.want.Engine)
		}
		if got, want := Redact(tt.url), tt.want.redacted(); got != want {
			t.Errorf("Redact(%q) = %q, want %q", tt.url, got, want)
		}
		checkSecret(t, tt.url, cfg, err)
	}
}

// TestParsePerSystem is about what a URL names on each operating system.
func TestParsePerSystem(t *testing.T) {
	t.Parallel()
	const refused = "refused"
	for _, tt := range []struct{ url, windows, unix string }{
		{"app.db", "app.db", "app.db"},
		{"data/app.db", `data\app.db`, "data/app.db"},
		{`C:\data\app.db`, `C:\data\app.db`, `C:\data\app.db`},
		{"C:/data/app.db", `C:\data\app.db`, "C:/data/app.db"},
		{`\\server\share\app.db`, `\\server\share\app.db`, `\\server\share\app.db`},
		{"//server/share/app.db", `\\server\share\app.db`, "//server/share/app.db"},
		{`\\?\C:\data\app.db`, `\\?\C:\data\app.db`, refused},
		{`\\?\UNC\server\share\app.db`, `\\?\UNC\server\share\app.db`, refused},
		{`\\?\C:\app.db?mode=ro`, refused, refused},
		{`\\?\C:\app.db?`, refused, refused},
		{`C:\app.db?mode=ro`, refused, refused},
		{"file:app.db", "app.db", "app.db"},
		{"file:///C:/x.db", `C:\x.db`, "/C:/x.db"},
		{"file:/C:/x.db", `C:\x.db`, "/C:/x.db"},
		{"file:C:/x.db", `C:\x.db`, "C:/x.db"},
		{`file:C:\x.db`, `C:\x.db`, `C:\x.db`},
		{"file://localhost/C:/x.db", `C:\x.db`, "/C:/x.db"},
		{"file:///c%3A/a%20b.db", `c:\a b.db`, "/c:/a b.db"},
		{"file:///C:", `C:`, "/C:"},
		{"file:///x.db", `\x.db`, "/x.db"},
		{"file:///1:/x.db", `\1:\x.db`, "/1:/x.db"},
		{"file:////server/share/x.db", `\\server\share\x.db`, "//server/share/x.db"},
		{`file:\\?\C:\x.db?mode=rwc`, `\\?\C:\x.db`, refused},
		{"file://?/C:/x.db?mode=rwc", `\\?\C:\x.db`, refused},
		{"file://server/share/x.db", refused, refused},
	} {
		for goos, want := range map[string]string{"windows": tt.windows, "linux": tt.unix} {
			var got sqlite.Config
			var err error
			if rest, uri := strings.CutPrefix(tt.url, "file:"); uri {
				got, err = parseFile(rest, goos)
			} else {
				got, err = parsePath(tt.url, goos)
			}
			switch {
			case want == refused && err == nil, want != refused && err != nil, want != refused && got != sqlite.Config{Path: want, Mode: "rwc"}:
				t.Errorf("%s on %s: %+v, %v; want %s", tt.url, goos, got, err, want)
			}
		}
	}
}

// TestForeignParams wants an error that says what stands here in place of each parameter of another
// driver, and doesn't show its value.
func TestForeignParams(t *testing.T) {
	t.Parallel()
	for _, foreign := range foreignParams {
		for name := range strings.FieldsSeq(foreign.names) {
			for _, url := range []string{"file:app.db?", "file::memory:?", "file:x?mode=memory&"} {
				_, err := parse(url+name+"="+canary, nil)
				if err == nil || !strings.HasPrefix(err.Error(), "db: the parameter "+name+" is another driver's; "+foreign.instead) || strings.Contains(err.Error(), canary) {
					t.Errorf("%s%s: error %v", url, name, err)
				}
			}
		}
	}
}

// TestParseErrors wants each error to say what is wrong, and what would have worked.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	const (
		forms       = "want a path such as app.db, file:app.db, :memory:, libsql://HOST, https://HOST or http://HOST"
		credentials = "credentials in the URL aren't supported; want a token, by WithAuthToken or ?authToken="
	)
	for _, tt := range []struct {
		url  string
		want string
	}{
		{"", "db: the database URL is empty; " + forms},
		{"app\x00.db", "db: the database URL has a control character in it, such as a line end"},
		{"app.db\n", "db: the database URL has a control character in it, such as a line end"},
		{"libsql://example.com?authToken=" + canary + "\r\n", "db: the database URL has a control character in it, such as a line end"},

		// What is neither a path nor a known form.
		{"sqlite:app.db", "db: unknown scheme in the database URL; " + forms + " (and a path with such a colon as ./app:1.db)"},
		{"app:1", "db: unknown scheme in the database URL; " + forms + " (and a path with such a colon as ./app:1.db)"},
		{"localhost:8080", "db: unknown scheme in the database URL; " + forms + " (and a path with such a colon as ./app:1.db)"},
		{"https:example.com", "db: unknown scheme in the database URL; " + forms + " (and a path with such a colon as ./app:1.db)"},
		{"postgres://user:" + canary + "@example.com/app", "db: unknown scheme in the database URL; " + forms},
		{canary + "://example.com", "db: unknown scheme in the database URL; " + forms},
		{"app.db?mode=ro", "db: a path with parameters must be a URI: file:app.db?mode=ro (write a ? in the name as %3F)"},
		{"/var/app.db?authToken=" + canary, "db: a path with parameters must be a URI: file:app.db?mode=ro (write a ? in the name as %3F)"},
		{":memory:?cache=shared", "db: a path with parameters must be a URI: file:app.db?mode=ro (write a ? in the name as %3F)"},

		// URIs of files.
		{"file:", "db: file: URI without a path; " + forms},
		{"file:?mode=ro", "db: file: URI without a path; " + forms},
		{"file:?mode=memory", "db: file: URI without a path; " + forms},
		{"file::memory:?mode=ro", "db: file::memory: is not a file; leave out the mode"},
		{"file://example.com/app.db", "db: file: URI with a host; want file:app.db, file:/path/app.db or file:///path/app.db"},
		{"file://app.db", "db: file: URI with a host; want file:app.db, file:/path/app.db or file:///path/app.db"},
		{"file:100%.db", "db: file: URI: the path has a bad escape; write a % in the name as %25"},
		{"file:a%0Ab.db", "db: file: URI: the path has a bad escape; write a % in the name as %25"},
		{"file:a%00b.db", "db: file: URI: the path has a bad escape; write a % in the name as %25"},
		{"file:no#1.db", "db: a # in a file: URI starts a fragment, which isn't supported; write a # in the name as %23"},
		{"file:app.db?mode=ro#", "db: a # in a file: URI starts a fragment, which isn't supported; write a # in the name as %23"},
		{"file:app.db?cache=shared", "db: the parameter cache is another driver's; all connections of a pool see the same database here, also in memory: :memory:, or file:NAME?mode=memory for several pools; known here: mode, immutable"},
		{"file:app.db?mode=ro&_fk=" + canary, "db: the parameter _fk is another driver's; foreign keys are on here, without a parameter; known here: mode, immutable"},
		{"file:app.db?nonsense=" + canary, "db: unknown parameter nonsense in the database URL; known here: mode, immutable"},
		{"file:app.db?Mode=ro", "db: unknown parameter Mode in the database URL; known here: mode, immutable"},
		{"file:app.db?b=1&a=" + canary, "db: unknown parameter a in the database URL; known here: mode, immutable"},
		{"file:app.db?nonsense", "db: unknown parameter in the database URL; known here: mode, immutable"},
		{"file:app.db?what%20is=1", "db: unknown parameter in the database URL; known here: mode, immutable"},
		{"file:app.db?authToken=" + canary, "db: the parameter authToken is for the URL of a server, libsql://HOST, and this one names a file; known here: mode, immutable"},
		{"file:app.db?immutable=yes", "db: file: URI: unknown value of immutable; want immutable=1, or 0 (the default)"},
		{"file:app.db?immutable", "db: file: URI: unknown value of immutable; want immutable=1, or 0 (the default)"},
		{"file:app.db?mode=rw&immutable=1", "db: file: URI: immutable=1 is for a file that nobody writes, and mode=rw writes it; want mode=ro, or no mode"},
		{"file:x?mode=memory&immutable=1", "db: file: URI: immutable is for a file on a disk, not for a database in memory"},
		{"file::memory:?immutable=1", "db: file: URI: immutable is for a file on a disk, not for a database in memory"},
		{"file:app.db?" + canary, "db: unknown parameter in the database URL; known here: mode, immutable"},
		{"file:app.db?mode=ro&mode=rw", "db: the parameter mode appears twice in the database URL"},
		{"file:app.db?mode=r%", "db: the parameters of the database URL are malformed; write % as %25 and & as %26"},
		{"file:app.db?mode=ro;x=1", "db: the parameters of the database URL are malformed; write % as %25 and & as %26"},
		{"file:app.db?mode=RO", "db: file: URI: unknown mode; want mode=rwc (the default), rw, ro or memory"},
		{"file:app.db?mode=" + canary, "db: file: URI: unknown mode; want mode=rwc (the default), rw, ro or memory"},

		// Servers.
		{"libsql://", "db: libsql: URL without a host; want libsql://HOST[:PORT]"},
		{"https://:8080", "db: https: URL without a host; want https://HOST[:PORT]"},
		{"libsql:///app", "db: libsql: URL without a host; want libsql://HOST[:PORT]"},
		{"libsql://exa mple.com?authToken=" + canary, "db: libsql: malformed URL; want libsql://HOST[:PORT]"},
		{"http://example.com:" + canary, "db: http: malformed URL; want http://HOST[:PORT]"},
		{"libsql://2001:db8::1", "db: libsql: malformed URL; want libsql://HOST[:PORT]"},
		{"libsql://example.com:80:80", "db: libsql: malformed URL; want libsql://HOST[:PORT]"},
		{"wss://[2001:db8::1?authToken=" + canary, "db: wss: malformed URL; want wss://HOST[:PORT]"},
		{"libsql://" + canary + "@example.com", "db: libsql: " + credentials},
		{"https://user:" + canary + "@example.com", "db: https: " + credentials},
		{"https://@example.com", "db: https: " + credentials},
		{"libsql://example.com#" + canary, "db: libsql: the URL has a fragment (#); remove it"},
		{"libsql://example.com#", "db: libsql: the URL has a fragment (#); remove it"},
		{"libsql://example.com#?authToken=" + canary, "db: libsql: the URL has a fragment (#); remove it"},
		{"libsql://example.com?mode=ro", "db: the parameter mode is for the URI of a file, file:PATH, and this one names a server; known here: authToken, namespace, replica, tls"},
		{"libsql://example.com?jwt=" + canary, "db: the parameter jwt is another driver's; libSQL's parameter is authToken; known here: authToken, namespace, replica, tls"},
		{"libsql://example.com?authtoken=" + canary, "db: unknown parameter authtoken in the database URL; known here: authToken, namespace, replica, tls"},
		{"libsql://example.com?" + canary + "=1", "db: unknown parameter in the database URL; known here: authToken, namespace, replica, tls"},
		{"libsql://example.com?authToken=" + canary + "&authToken=b", "db: the parameter authToken appears twice in the database URL"},
		{"libsql://example.com?authToken=" + canary + "%", "db: the parameters of the database URL are malformed; write % as %25 and & as %26"},
		{"libsql://example.com?authToken=", "db: libsql: authToken is empty; leave it out for a server without authentication"},
		{"libsql://example.com?authToken", "db: libsql: authToken is empty; leave it out for a server without authentication"},

		// TLS.
		{"libsql://example.com?tls=0", "db: libsql: tls=0 needs a port: libsql://HOST:PORT?tls=0"},
		{"https://example.com?tls=0", "db: https: tls=0 contradicts the scheme; want libsql:// for the parameter tls"},
		{"wss://example.com?tls=0", "db: wss: tls=0 contradicts the scheme; want libsql:// for the parameter tls"},
		{"http://example.com?tls=1", "db: http: tls=1 contradicts the scheme; want libsql:// for the parameter tls"},
		{"ws://example.com?tls=1", "db: ws: tls=1 contradicts the scheme; want libsql:// for the parameter tls"},
		{"libsql://example.com?tls=" + canary, "db: unknown value of tls; want tls=1 (the default) or tls=0"},
		{"libsql://example.com?tls=", "db: unknown value of tls; want tls=1 (the default) or tls=0"},
		{"http://example.com?tls=true", "db: unknown value of tls; want tls=1 (the default) or tls=0"},
	} {
		cfg, err := parse(tt.url, nil)
		if err == nil {
			t.Errorf("parse(%q) has no error, want: %s", tt.url, tt.want)
			continue
		}
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Errorf("parse(%q) (-want +got):\n%s", tt.url, diff)
		}
		if !errors.Is(err, ErrConfig) {
			t.Errorf("parse(%q): %v is not ErrConfig", tt.url, err)
		}
		if engine, engineErr := EngineOf(tt.url); engineErr == nil || engineErr.Error() != err.Error() || engine != "" {
			t.Errorf("EngineOf(%q) = %q, %v; want the error of parse", tt.url, engine, engineErr)
		}
		if got := Redact(tt.url); got != "(invalid database URL)" {
			t.Errorf("Redact(%q) = %q, want that it is invalid", tt.url, got)
		}
		checkSecret(t, tt.url, cfg, err)
		if pool, openErr := Open(t.Context(), tt.url); pool != nil || openErr == nil || openErr.Error() != tt.want {
			t.Errorf("Open(%q): %v, want the error of parse", tt.url, openErr)
		}
		if connector, connectorErr := NewConnector(tt.url); connector != nil || connectorErr == nil || connectorErr.Error() != tt.want {
			t.Errorf("NewConnector(%q): %v, want the error of parse", tt.url, connectorErr)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	token := func(context.Context) (string, error) { return canary, nil }
	with := func(o opened, change func(*opened)) opened {
		change(&o)
		return o
	}
	for _, tt := range []struct {
		url     string
		opts    []Option
		want    opened
		wantErr string
	}{
		{"app.db", []Option{WithBusyTimeout(0)},
			with(file("app.db", "rwc"), func(o *opened) { o.SQLite.BusyTimeout = 0 }), ""},
		{":memory:", []Option{WithBusyTimeout(24 * time.Hour), WithMaxOpenConns(1)},
			with(memory(""), func(o *opened) { o.SQLite.BusyTimeout = 24 * time.Hour; o.MaxConns = 1 }), ""},
		{"app.db", []Option{WithMaxOpenConns(3), WithMaxOpenConns(4)},
			with(file("app.db", "rwc"), func(o *opened) { o.MaxConns = 4 }), ""},
		{"libsql://example.com", []Option{WithMaxOpenConns(3)},
			with(server("https://example.com", ""), func(o *opened) { o.MaxConns = 3 }), ""},
		{"libsql://example.com", []Option{WithAuthToken(canary)}, server("https://example.com", canary), ""},
		{"libsql://example.com", []Option{WithAuthTokenFunc(token)}, server("https://example.com", canary), ""},
		{"http://example.com", []Option{WithAuthToken(canary), WithInsecureToken()},
			with(server("http://example.com", canary), func(o *opened) { o.InsecureToken = true }), ""},
		{"http://example.com?authToken=" + canary, []Option{WithInsecureToken()},
			with(server("http://example.com", canary), func(o *opened) { o.InsecureToken = true }), ""},

		{"app.db", []Option{WithAuthToken(canary)}, opened{}, "db: WithAuthToken: doesn't apply to SQLite"},
		{"app.db", []Option{WithAuthTokenFunc(token)}, opened{}, "db: WithAuthTokenFunc: doesn't apply to SQLite"},
		{":memory:", []Option{WithInsecureToken()}, opened{}, "db: WithInsecureToken: doesn't apply to SQLite"},
		{"libsql://example.com", []Option{WithWALOnNetwork()}, opened{}, "db: WithWALOnNetwork: doesn't apply to libSQL"},
		{"libsql://example.com", []Option{WithFullSync()}, opened{}, "db: WithFullSync: doesn't apply to libSQL"},
		{"libsql://example.com", []Option{WithPlainSQLite()}, opened{}, "db: WithPlainSQLite: doesn't apply to libSQL"},
		{"libsql://example.com", []Option{WithCacheSize(1)}, opened{}, "db: WithCacheSize: doesn't apply to libSQL"},
		{"app.db", []Option{WithCacheSize(-1)}, opened{}, "db: WithCacheSize: -1 bytes is negative"},

		{"app.db", []Option{WithBusyTimeout(-1)}, opened{}, "db: WithBusyTimeout: -1ns is not between 0 and 24h"},
		{"app.db", []Option{WithBusyTimeout(24*time.Hour + 1)}, opened{}, "db: WithBusyTimeout: 24h0m0.000000001s is not between 0 and 24h"},
		{"app.db", []Option{WithMaxOpenConns(0)}, opened{}, "db: WithMaxOpenConns: 0 is less than 1"},
		{"libsql://example.com", []Option{WithMaxOpenConns(-1)}, opened{}, "db: WithMaxOpenConns: -1 is less than 1"},

		{"libsql://example.com", []Option{WithAuthToken("")}, opened{},
			"db: WithAuthToken: the token is empty; leave the option out for a server without authentication"},
		{"libsql://example.com", []Option{WithAuthTokenFunc(nil)}, opened{}, "db: WithAuthTokenFunc: the function is nil"},
		{"libsql://example.com", []Option{WithAuthToken(canary), WithAuthToken(canary)}, opened{},
			"db: WithAuthToken: a token is set already, by another option or as authToken in the URL; set one"},
		{"libsql://example.com", []Option{WithAuthToken(canary), WithAuthTokenFunc(token)}, opened{},
			"db: WithAuthTokenFunc: a token is set already, by another option or as authToken in the URL; set one"},
		{"libsql://example.com?authToken=" + canary, []Option{WithAuthToken(canary)}, opened{},
			"db: WithAuthToken: a token is set already, by another option or as authToken in the URL; set one"},

		{"", []Option{WithAuthToken(canary)}, opened{},
			"db: the database URL is empty; want a path such as app.db, file:app.db, :memory:, libsql://HOST, https://HOST or http://HOST"},
	} {
		cfg, err := parse(tt.url, tt.opts)
		var got opened
		var gotErr string
		if err != nil {
			gotErr = err.Error()
			if !errors.Is(err, ErrConfig) {
				t.Errorf("parse(%q): %v is not ErrConfig", tt.url, err)
			}
		} else {
			got = openedBy(t, cfg)
		}
		if diff := cmp.Diff(tt.wantErr, gotErr); diff != "" {
			t.Errorf("parse(%q): error (-want +got):\n%s", tt.url, diff)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("parse(%q) (-want +got):\n%s", tt.url, diff)
		}
		checkSecret(t, tt.url, cfg, err)
	}
}

// TestTokenOverPlainHTTP is about where a token may go in the clear: to this machine.
func TestTokenOverPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host string
		ok   bool
	}{
		{"localhost", true},
		{"LOCALHOST:8080", true},
		{"localhost.", true},
		{"a.localhost", false},
		{"a.b.localhost:8080", false},
		{"127.0.0.1", true},
		{"127.0.0.1:8080", true},
		{"127.0.0.2", true},
		{"127.255.255.255", true},
		{"[::1]", true},
		{"[::1]:8080", true},
		{"[::ffff:127.0.0.1]:8080", true},

		{"example.com", false},
		{"10.0.0.1", false},
		{"192.168.0.1:8080", false},
		{"0.0.0.0", false},
		{"128.0.0.1", false},
		{"127.1", false},      // an address to some resolvers, a name to others
		{"127.0.0.1.", false}, // a name
		{"127.000.000.001", false},
		{"2130706433", false},
		{"[::]", false},
		{"[::ffff:10.0.0.1]", false},
		{"[fe80::1]", false},
		{"localhost.evil.com", false},
		{"127.0.0.1.evil.com", false},
		{"evillocalhost", false},
		{"local", false},
		{"localhost..", false},
	} {
		for _, how := range []struct {
			name   string
			url    string
			opts   []Option
			always bool
		}{
			{"in the URL", "http://" + tt.host + "?authToken=" + canary, nil, false},
			{"of an option", "ws://" + tt.host, []Option{WithAuthToken(canary)}, false},
			{"allowed", "http://" + tt.host, []Option{WithInsecureToken(), WithAuthToken(canary)}, true},
			{"over TLS", "libsql://" + tt.host, []Option{WithAuthToken(canary)}, true},
			{"not there", "http://" + tt.host, nil, true},
		} {
			cfg, err := parse(how.url, how.opts)
			checkSecret(t, how.url, cfg, err)
			if wantOK := tt.ok || how.always; wantOK {
				if err != nil {
					t.Errorf("%s, token %s: %v", tt.host, how.name, err)
				}
				continue
			}
			const want = " would be sent over plain HTTP, where others can read it; want libsql:// or https:// (or WithInsecureToken)"
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%s, token %s: error %v, want: …%s", tt.host, how.name, err, want)
			}
		}
	}
}

// checkSecret fails if anything that might be printed shows the canary, or takes more
// than a line.
func checkSecret(t *testing.T, url string, cfg config, err error) {
	t.Helper()
	for name, text := range map[string]string{
		"the error":    fmt.Sprintf("%v %+v %#v", err, err, err),
		"the config":   fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg),
		"the redacted": cfg.redacted(),
		"Redact":       Redact(url),
	} {
		if strings.Contains(text, canary) || strings.ContainsAny(text, "\r\n") {
			t.Errorf("%q: %s shows a secret, or has several lines: %s", url, name, text)
		}
	}
}

// FuzzParse puts a token and credentials into URLs of every kind, and looks for them.
func FuzzParse(f *testing.F) {
	for _, url := range []string{
		"", "app.db", "/var/a:b.db", `C:\app.db`, ":memory:", "sqlite:app.db", "user@example.com:x",
		"file:app.db?mode=ro", "file:///a%20b", "file://localhost/a", "file::memory:", "file:x?mode=memory", "file:a#b",
		"libsql://example.com", "libsql://example.com:80?tls=0", "https://[::1]:8080/dev/", "WSS://example.com/#", "http://127.0.0.1:8080?tls=0",
	} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		if strings.Contains(url, canary) {
			t.Skip()
		}
		fuzzParse(t, url)
		before, after, hasQuery := strings.Cut(url, "?")
		fuzzParse(t, before+"?authToken="+canary+"&"+after)
		if hasQuery {
			fuzzParse(t, url+"&authToken="+canary)
		}
		// Of a URL that has no authority, what follows the slashes is a path.
		if scheme, rest, ok := strings.Cut(url, "://"); ok && schemes[strings.ToLower(scheme)] != "" {
			fuzzParse(t, scheme+"://"+canary+"@"+rest)
			fuzzParse(t, scheme+"://user:"+canary+"@"+rest)
		}
	})
}

func fuzzParse(t *testing.T, url string) {
	cfg, err := parseURL(url)
	checkSecret(t, url, cfg, err)
	engine, engineErr := EngineOf(url)
	if engine != cfg.engine || (engineErr == nil) != (err == nil) {
		t.Errorf("EngineOf(%q) = %q, %v; parse: %q, %v", url, engine, engineErr, cfg.engine, err)
	}
	withToken, tokenErr := parse(url, nil)
	checkSecret(t, url, withToken, tokenErr)
	if err != nil {
		if tokenErr == nil || Redact(url) != "(invalid database URL)" {
			t.Errorf("%q: %v, but also %v and %q", url, err, tokenErr, Redact(url))
		}
		return
	}
	if got := Redact(url); got != cfg.redacted() {
		t.Errorf("Redact(%q) = %q, want %q", url, got, cfg.redacted())
	}
	switch cfg.engine {
	case SQLite:
		if cfg.libsql.URL != "" || cfg.libsql.Token != nil {
			t.Errorf("%q names a file and a server: %+v", url, cfg)
		}
		if cfg.sqlite.Path == "" && !cfg.sqlite.Memory {
			t.Errorf("%q names nothing", url)
		}
	case LibSQL:
		if cfg.sqlite != (sqlite.Config{}) {
			t.Errorf("%q names a server and a file: %+v", url, cfg)
		}
		// What is shown is an address that works.
		again, err := parseURL(cfg.redacted())
		if err != nil || again.libsql.URL != cfg.libsql.URL {
			t.Errorf("%q is shown as %q, which is %q, %v", url, cfg.redacted(), again.libsql.URL, err)
		}
	default:
		t.Errorf("%q has the engine %q", url, cfg.engine)
	}
}

// TestParseReplica: the path of a replica, and paths that are none.
func TestParseReplica(t *testing.T) {
	t.Parallel()
	cfg, err := parse("libsql://h.example?replica=data%2Fa%20b.db&authToken=CANARY", []Option{WithReplicaPoll(time.Second), WithStaleReads(), WithBusyTimeout(time.Minute), WithCacheSize(1 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	if r := cfg.replica; r == nil || r.Local.Path != filepath.FromSlash("data/a b.db") || r.Poll != time.Second || !r.StaleReads || r.Local.SharedCache != 1<<20 {
		t.Errorf("got %+v", r)
	}
	if got := cfg.redacted(); got != "https://h.example" {
		t.Errorf("redacted: %s", got)
	}
	for _, url := range []string{"libsql://h?replica=", "libsql://h?replica=:memory:", "libsql://h?replica=file:a.db", "libsql://h?replica=a&replica=b", "file:a.db?replica=b"} {
		if _, err := parse(url, nil); !errors.Is(err, ErrConfig) {
			t.Errorf("parse(%q): %v, want ErrConfig", url, err)
		}
	}
	for name, opt := range map[string]Option{"WithStaleReads": WithStaleReads(), "WithReplicaPoll": WithReplicaPoll(1), "WithReplicaProgress": WithReplicaProgress(nil), "WithLibSQLClientGo": WithLibSQLClientGo()} {
		url := "libsql://h"
		if name == "WithLibSQLClientGo" {
			url += "?replica=a.db"
		}
		if _, err := parse(url, []Option{opt}); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
}
