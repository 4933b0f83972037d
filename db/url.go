package db

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/sqlite"
)

const (
	defaultBusyTimeout  = 5 * time.Second
	defaultMaxOpenConns = 16
	// Long enough for a large index, and short enough for a program to notice that
	// nothing comes any more.
	defaultRequestTimeout = time.Minute
)

// wantURL ends the errors about a URL of no known form.
const wantURL = "want a path such as app.db, file:app.db, :memory:, libsql://HOST, https://HOST or http://HOST"

// config is what a URL and options come to: all that opening needs. It holds no
// token, only functions that return one, so that printing it can't show any.
type config struct {
	engine       Engine
	sqlite       sqlite.Config
	libsql       hrana.Config
	clientGo     bool // over libsql-client-go
	maxOpenConns int
}

// parse is a pure function: it looks at nothing but its arguments. Its errors show
// neither a token nor credentials.
func parse(rawURL string, opts []Option) (config, error) {
	cfg, err := parseURL(rawURL)
	if err != nil {
		return config{}, err
	}
	for i, opt := range opts {
		if opt == nil {
			return config{}, configError{fmt.Errorf("option %d is nil", i+1)}
		}
		if err := opt(&cfg); err != nil {
			return config{}, configError{err}
		}
	}
	if err := errors.Join(cfg.checkToken(), cfg.checkClientGo()); err != nil {
		return config{}, configError{err}
	}
	return cfg, nil
}

func parseURL(rawURL string) (config, error) {
	cfg := config{maxOpenConns: defaultMaxOpenConns}
	if err := cfg.parseURL(rawURL); err != nil {
		return config{}, configError{err}
	}
	return cfg, nil
}

func (c *config) parseURL(rawURL string) error {
	if rawURL == "" {
		return fmt.Errorf("the database URL is empty; %s", wantURL)
	}
	if strings.ContainsFunc(rawURL, unicode.IsControl) {
		return errors.New("the database URL has a control character in it, such as a line end")
	}
	scheme, rest, found := strings.Cut(rawURL, ":")
	switch scheme = strings.ToLower(scheme); {
	case rawURL == ":memory:":
		c.setSQLite(sqlite.Config{Memory: true})
		return nil
	case found && scheme == "file":
		return c.parseFile(rest)
	case found && strings.HasPrefix(rest, "//"):
		return c.parseServer(scheme, rawURL)
	case found && looksLikeScheme(scheme):
		return fmt.Errorf("unknown scheme in the database URL; %s (and a path with such a colon as ./app:1.db)", wantURL)
	default:
		return c.parsePath(rawURL)
	}
}

// looksLikeScheme tells sqlite:app.db, which would be a surprising name for a file,
// from C:\app.db and ./a:b.db.
func looksLikeScheme(s string) bool {
	return len(s) > 1 && !strings.ContainsAny(s, `./\ `)
}

func (c *config) setSQLite(s sqlite.Config) {
	c.engine = SQLite
	c.sqlite = s
	c.sqlite.BusyTimeout = defaultBusyTimeout
}

func (c *config) parsePath(path string) error {
	if strings.ContainsRune(path, '?') {
		return errors.New("a path that has parameters is written as a URI: file:app.db?mode=ro (and a ? that is part of the name, %3F)")
	}
	c.setSQLite(sqlite.Config{Path: filepath.FromSlash(path), Mode: sqlite.ReadWriteCreate})
	return nil
}

// The values of the parameter mode of a file: URI, as SQLite defines them.
// https://sqlite.org/uri.html
var modes = map[string]sqlite.Mode{
	"":    sqlite.ReadWriteCreate,
	"rwc": sqlite.ReadWriteCreate,
	"rw":  sqlite.ReadWrite,
	"ro":  sqlite.ReadOnly,
}

// parseFile reads what follows file: in a URI.
func (c *config) parseFile(rest string) error {
	rest, query, _ := strings.Cut(rest, "?")
	if strings.ContainsRune(rest+query, '#') {
		return errors.New("a # in a file: URI starts a fragment, which means nothing here; one that is part of the name is written %23")
	}
	params, err := parseParams(query, "mode")
	if err != nil {
		return err
	}
	if rest, err = trimAuthority(rest); err != nil {
		return err
	}
	path, err := url.PathUnescape(rest)
	if err != nil || strings.ContainsFunc(path, unicode.IsControl) {
		return errors.New("file: URI: the path has a bad escape; a % that is part of the name is written %25")
	}
	mode := params.Get("mode")
	if path == ":memory:" {
		if mode != "" && mode != "memory" {
			return errors.New("file::memory: is no file; want it without a mode")
		}
		c.setSQLite(sqlite.Config{Memory: true})
		return nil
	}
	if path == "" {
		return fmt.Errorf("file: URI without a path; %s", wantURL)
	}
	if mode == "memory" {
		c.setSQLite(sqlite.Config{Memory: true, Path: path})
		return nil
	}
	m, known := modes[mode]
	if !known {
		return errors.New("file: URI: unknown mode; want mode=rwc (the default), rw, ro or memory")
	}
	c.setSQLite(sqlite.Config{Path: filepath.FromSlash(path), Mode: m})
	return nil
}

// trimAuthority takes the authority off file:///path and file://localhost/path.
func trimAuthority(path string) (string, error) {
	rest, found := strings.CutPrefix(path, "//")
	if !found {
		return path, nil
	}
	host, _, slash := strings.Cut(rest, "/")
	if !slash || (host != "" && host != "localhost") {
		return "", errors.New("file: URI with a host; want file:app.db, file:/path/app.db or file:///path/app.db")
	}
	return rest[len(host):], nil
}

// The schemes of a server, each with the one that it is reached by. A WebSocket
// address is that of the same server.
var schemes = map[string]string{
	"libsql": "https",
	"https":  "https",
	"wss":    "https",
	"http":   "http",
	"ws":     "http",
}

func (c *config) parseServer(scheme, rawURL string) error {
	transport, known := schemes[scheme]
	if !known {
		return fmt.Errorf("unknown scheme in the database URL; %s", wantURL)
	}
	// The parser is stricter about the hosts of the schemes that it knows.
	u, err := url.Parse(transport + rawURL[len(scheme):])
	if err != nil {
		// The parser's error quotes the URL, and with it a token.
		return fmt.Errorf("%s: malformed URL; want %s://HOST[:PORT]", scheme, scheme)
	}
	if u.Host == "" || u.Hostname() == "" {
		return fmt.Errorf("%s: URL without a host; want %s://HOST[:PORT]", scheme, scheme)
	}
	if u.User != nil {
		return fmt.Errorf("%s: credentials in the URL aren't supported; want a token, by WithAuthToken or ?authToken=", scheme)
	}
	if u.Fragment != "" || strings.HasSuffix(rawURL, "#") {
		return fmt.Errorf("%s: a fragment (#) means nothing here", scheme)
	}
	params, err := parseParams(u.RawQuery, "authToken", "namespace", "tls")
	if err != nil {
		return err
	}
	if transport, err = applyTLS(params, scheme, transport, u.Port()); err != nil {
		return err
	}
	c.engine = LibSQL
	// Only these parts: whatever else a URL may hold isn't the server's address.
	base := url.URL{Scheme: transport, Host: u.Host}
	c.libsql.URL = base.String() + strings.TrimRight(u.EscapedPath(), "/")
	c.libsql.RequestTimeout = defaultRequestTimeout
	c.libsql.BusyTimeout = defaultBusyTimeout
	if params.Has("namespace") {
		if c.libsql.Namespace = params.Get("namespace"); c.libsql.Namespace == "" {
			return fmt.Errorf("%s: namespace is empty; leave it out for the server's default", scheme)
		}
	}
	if params.Has("authToken") {
		if params.Get("authToken") == "" {
			return fmt.Errorf("%s: authToken is empty; leave it out for a server without authentication", scheme)
		}
		c.libsql.Token = constantToken(params.Get("authToken"))
	}
	return nil
}

// applyTLS returns the transport that the parameter tls asks for.
func applyTLS(params url.Values, scheme, transport, port string) (string, error) {
	switch tls := params.Get("tls"); {
	case !params.Has("tls"), tls == "1" && transport == "https", tls == "0" && transport == "http":
		return transport, nil
	case tls == "0" && scheme == "libsql":
		if port == "" {
			return "", errors.New("libsql: tls=0 needs a port: libsql://HOST:PORT?tls=0")
		}
		return "http", nil
	case tls == "0" || tls == "1":
		return "", fmt.Errorf("%s: tls=%s contradicts the scheme; want libsql://, whose TLS the parameter decides", scheme, tls)
	default:
		return "", errors.New("unknown value of tls; want tls=1 (the default) or tls=0")
	}
}

// parseParams returns the parameters of a query, which must be known ones, each once.
func parseParams(query string, known ...string) (url.Values, error) {
	params, err := url.ParseQuery(query)
	if err != nil {
		return nil, errors.New("the parameters of the database URL are malformed; a % is written %25, a & %26")
	}
	for name, values := range params {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown parameter in the database URL; known here: %s", strings.Join(known, ", "))
		}
		if len(values) > 1 {
			return nil, fmt.Errorf("the parameter %s stands twice in the database URL", name)
		}
	}
	return params, nil
}

// checkToken refuses to send a token where others can read it.
func (c config) checkToken() error {
	if c.engine != LibSQL || c.libsql.Token == nil || c.libsql.InsecureToken {
		return nil
	}
	u, err := url.Parse(c.libsql.URL)
	if err != nil {
		return errors.New("malformed server URL")
	}
	if u.Scheme == "https" || hrana.IsLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("a token for %s would go over plain HTTP, readable on the way; want libsql:// or https:// (or WithInsecureToken)", c.redacted())
}

// checkClientGo refuses what the other client can't do.
func (c config) checkClientGo() error {
	if c.clientGo && (c.libsql.Namespace != "" || c.libsql.TLS != nil || c.libsql.Proxy != nil || c.libsql.RequestTimeout != defaultRequestTimeout || c.libsql.BusyTimeout != defaultBusyTimeout) {
		return errors.New("WithLibSQLClientGo: that client takes no namespace, TLS configuration, proxy, request timeout or busy timeout")
	}
	return nil
}

// redacted returns the URL without parameters.
func (c config) redacted() string {
	switch {
	case c.engine == LibSQL:
		return c.libsql.URL
	case c.sqlite.Memory:
		return ":memory:"
	default:
		return c.sqlite.Path
	}
}
