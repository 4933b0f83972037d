package db

import (
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/replica"
	"github.com/duolite/duolite/db/internal/sqlite"
)

const (
	defaultBusyTimeout  = 5 * time.Second
	defaultCache        = 64 << 20 // bytes
	defaultMaxOpenConns = 16
	// The default of WithRequestTimeout: enough for building a large index, and short enough
	// to notice a server that no longer replies.
	defaultRequestTimeout = time.Minute
)

// wantURL ends the errors about a URL of unknown form.
const wantURL = "want a path such as app.db, file:app.db, :memory:, libsql://HOST, https://HOST or http://HOST"

// config holds everything that opening needs, as parsed from the URL and the options. It holds
// functions that return a token, never a token, so that printing it reveals none.
type config struct {
	engine       Engine
	sqlite       sqlite.Config
	libsql       transport.Config
	clientGo     bool            // use libsql-client-go
	replica      *replica.Config // nil without a local copy; its Local and Server are set last
	afterConnect []connectFunc
	maxOpenConns int
	maxOpenSet   bool // by WithMaxOpenConns
	tracers      []dbtrace.Tracer
	traceArgs    bool
}

// parse is a pure function of its arguments. Its errors contain neither a token nor
// credentials.
func parse(rawURL string, opts []Option) (config, error) {
	cfg, err := parseURL(rawURL)
	if err == nil {
		err = apply("option", &cfg, opts)
	}
	if err != nil {
		return config{}, err
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
		return c.setSQLite(sqlite.Config{Memory: true}, nil)
	case found && scheme == "file":
		return c.setSQLite(parseFile(rest, runtime.GOOS))
	case found && strings.HasPrefix(rest, "//"):
		return c.parseServer(scheme, rawURL)
	case found && looksLikeScheme(scheme):
		return fmt.Errorf("unknown scheme in the database URL; %s (and a path with such a colon as ./app:1.db)", wantURL)
	default:
		return c.setSQLite(parsePath(rawURL, runtime.GOOS))
	}
}

// looksLikeScheme reports whether s is the scheme of a URL, as in sqlite:app.db, which would
// be a surprising file name. It returns false for C:\app.db and ./a:b.db.
func looksLikeScheme(s string) bool {
	return len(s) > 1 && !strings.ContainsAny(s, `./\ `)
}

func (c *config) setSQLite(s sqlite.Config, err error) error {
	if err != nil {
		return err
	}
	s.BusyTimeout, s.SharedCache = defaultBusyTimeout, defaultCache
	c.engine, c.sqlite = SQLite, s
	return nil
}

// schemes maps each scheme of a server to the scheme of its requests. A WebSocket URL names
// the same server.
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
		// The parser's error quotes the URL, which may contain a token.
		return fmt.Errorf("%s: malformed URL; want %s://HOST[:PORT]", scheme, scheme)
	}
	if u.Host == "" || u.Hostname() == "" {
		return fmt.Errorf("%s: URL without a host; want %s://HOST[:PORT]", scheme, scheme)
	}
	if u.User != nil {
		return fmt.Errorf("%s: credentials in the URL aren't supported; want a token, by WithAuthToken or ?authToken=", scheme)
	}
	if u.Fragment != "" || strings.HasSuffix(rawURL, "#") {
		return fmt.Errorf("%s: the URL has a fragment (#); remove it", scheme)
	}
	params, err := parseParams(u.RawQuery, serverParams...)
	if err != nil {
		return err
	}
	if transport, err = applyTLS(params, scheme, transport, u.Port()); err != nil {
		return err
	}
	c.engine = LibSQL
	// The server's address has these parts only.
	base := url.URL{Scheme: transport, Host: u.Host}
	c.libsql.URL = base.String() + strings.TrimRight(u.EscapedPath(), "/")
	c.libsql.RequestTimeout = defaultRequestTimeout
	c.libsql.BusyTimeout = defaultBusyTimeout
	if params.Has("namespace") {
		if c.libsql.Namespace = params.Get("namespace"); c.libsql.Namespace == "" {
			return fmt.Errorf("%s: namespace is empty; leave it out for the server's default", scheme)
		}
	}
	if params.Has("replica") {
		if err := c.parseReplica(params.Get("replica"), runtime.GOOS); err != nil {
			return fmt.Errorf("%s: %w", scheme, err)
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

// applyTLS returns the transport after the parameter tls.
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
		return "", fmt.Errorf("%s: tls=%s contradicts the scheme; want libsql:// for the parameter tls", scheme, tls)
	default:
		return "", errors.New("unknown value of tls; want tls=1 (the default) or tls=0")
	}
}

// checkToken refuses a token that others could read on its way.
func (c config) checkToken() error {
	if c.engine != LibSQL || c.libsql.Token == nil || c.libsql.InsecureToken {
		return nil
	}
	u, err := url.Parse(c.libsql.URL)
	if err != nil {
		return errors.New("malformed server URL")
	}
	if u.Scheme == "https" || transport.IsLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("a token for %s would be sent over plain HTTP, where others can read it; want libsql:// or https:// (or WithInsecureToken)", c.redacted())
}

// checkClientGo refuses settings that libsql-client-go doesn't support.
func (c config) checkClientGo() error {
	if c.clientGo && (c.replica != nil || c.libsql.Namespace != "" || c.libsql.TLS != nil || c.libsql.Proxy != nil || c.libsql.RequestTimeout != defaultRequestTimeout || c.libsql.BusyTimeout != defaultBusyTimeout) {
		return errors.New("WithLibSQLClientGo: that client takes no replica, namespace, TLS configuration, proxy, request timeout or busy timeout")
	}
	return nil
}

// redacted returns the URL without its parameters.
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
