// Package hrana is the engine for libSQL servers: sqld and Turso. It is a client of
// version 3 of the Hrana protocol, over HTTP and in JSON.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
//
// A connection keeps a stream of the server while it is in use, and one statement is
// one request. Nothing that may have run is sent again.
package hrana

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// Config names a server, and says how to talk to it.
type Config struct {
	// URL is the server's: http:// or https://, host, perhaps port and path.
	URL string
	// Namespace is the server's database of that name, "" for the one that the
	// host stands for.
	Namespace string
	// Token is asked for the token once, and again when the server refuses it; nil
	// or "" is none.
	Token func(context.Context) (string, error)
	// InsecureToken allows a token to go to other machines over plain HTTP.
	InsecureToken bool
	// TLS is the configuration of TLS; nil is Go's default.
	TLS *tls.Config
	// Proxy chooses the proxy; nil is [http.ProxyFromEnvironment].
	Proxy func(*http.Request) (*url.URL, error)
	// RequestTimeout bounds a request whose context has no deadline; 0 is no bound.
	RequestTimeout time.Duration
	// BusyTimeout is how long to ask again when another has the write lock, or the
	// server too much to do.
	BusyTimeout time.Duration
	// MaxConns is how many TCP connections are kept for later; 0 is 16.
	MaxConns int
}

// A database is a server. It is safe for use by several goroutines.
type database struct {
	cfg       Config
	base      *site
	badURL    error // the reason why base is nil
	keys      *keyring
	transport *http.Transport
	// silent is the time, in Unix nanoseconds, until which no stream is closed: the
	// server has just left such a request unanswered.
	silent atomic.Int64
	closed atomic.Bool
	ending chan struct{} // closed by Interrupt
	near   atomic.Bool   // it has answered within nearTime
	hasTx  atomic.Bool   // its transactions are known to be real; see probe

	mu        sync.Mutex
	running   map[*life]struct{} // the requests that are under way
	described map[string]bool    // whether the statement only reads
}

// New returns the database. It sends nothing.
func New(cfg Config) engine.Database {
	d := &database{cfg: cfg, ending: make(chan struct{}), running: make(map[*life]struct{}), described: make(map[string]bool)}
	base, err := parseBase(cfg.URL)
	if err != nil {
		d.badURL = err
		return d
	}
	d.base = newSite(base)
	header := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"duolite"},
	}
	if cfg.Namespace != "" {
		// The protocol below takes only names that end so for binary values.
		header.Set("X-Namespace-Bin", base64.RawStdEncoding.EncodeToString([]byte(cfg.Namespace)))
	}
	d.keys = newKeyring(cfg.Token, header)
	d.transport = newTransport(&cfg, base)
	return d
}

// parseBase checks the URL. What is wrong with it is told without it.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &engine.Error{Kind: engine.ErrCantOpen, Message: "the server's address isn't http:// or https://, a host, perhaps a port and a path"}
	}
	return u, nil
}

// Connect implements [engine.Database]. It sends nothing: a stream opens with the first
// statement.
func (d *database) Connect(ctx context.Context) (engine.Conn, error) {
	if d.badURL != nil {
		return nil, d.badURL
	}
	if _, err := d.keys.get(ctx, nil); err != nil {
		return nil, err
	}
	return &conn{db: d, known: newKnownColumns()}, nil
}

// Interrupt implements [engine.Database].
func (d *database) Interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.ending: // it has been called before
	default:
		close(d.ending)
	}
	for l := range d.running {
		l.cancel(errClosed)
	}
}

// enter has a request end with the next Interrupt, until it leaves. One that comes after it,
// since it was on its way, ends at once, unless it is to end something itself.
func (d *database) enter(l *life, ends bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running[l] = struct{}{}
	select {
	case <-d.ending:
		if !ends {
			l.cancel(errClosed)
		}
	default:
	}
}

// leave may be called again.
func (d *database) leave(l *life) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, l)
}

// Close implements [engine.Database].
func (d *database) Close() error {
	d.closed.Store(true)
	if d.transport != nil {
		d.transport.CloseIdleConnections()
	}
	return nil
}

// Format implements [fmt.Formatter]: what is inside is nobody's business.
func (d *database) Format(f fmt.State, _ rune) {
	host := ""
	if d.base != nil {
		host = d.base.url.Host
	}
	fmt.Fprintf(f, "hrana.Database(%s)", host)
}

const (
	// maxDescribed bounds how many texts are known to be well.
	maxDescribed = 512
	// maxDescribedText bounds how long each may be.
	maxDescribedText = 8 << 10
)

// wasDescribed returns what is known of a statement.
func (d *database) wasDescribed(text string) (readOnly, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	readOnly, known = d.described[text]
	return readOnly, known
}

func (d *database) setDescribed(text string, readOnly bool) {
	if len(text) > maxDescribedText {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.described) >= maxDescribed {
		for other := range d.described { // whichever comes first
			delete(d.described, other)
			break
		}
	}
	d.described[text] = readOnly
}
