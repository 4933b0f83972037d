// Package wrappers_test tests the promises of package db under wrappers of drivers, which
// programs put around a driver for a log, for spans or for figures. It is a module of its
// own, so that programs that import duolite don't require the wrappers. It is below db,
// because it runs the conformance suite, an internal package.
// docs/wrappers.md says which interfaces a wrapper has to forward.
package wrappers_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"path/filepath"
	"sync/atomic"
	"testing"

	"contrib.go.opencensus.io/integrations/ocsql"
	xsam "github.com/XSAM/otelsql"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/luna-duclos/instrumentedsql"
	"github.com/newrelic/go-agent/v3/newrelic"
	"github.com/ngrok/sqlmw"
	sqldblogger "github.com/simukti/sqldb-logger"
	nhat "go.nhat.io/otelsql"
)

// A wrapper is one that programs use, and the interfaces of database/sql/driver that
// it doesn't forward.
type wrapper struct {
	name string
	open func(connector driver.Connector) (*sql.DB, error)
	// openURL is instead of open, of one that is given a driver and a URL.
	openURL func(driver driver.Driver, url string) *sql.DB
	lacks
}

// lacks says what a wrapper doesn't forward.
type lacks struct {
	reset       bool // SessionResetter
	validator   bool // Validator
	checker     bool // NamedValueChecker
	columnTypes bool // RowsColumnType… but the next
	scanType    bool // RowsColumnTypeScanType
	closer      bool // io.Closer of the connector
}

// A driverOf is a driver for wrappers that take no connector: its connections are those
// of one. It doesn't look at the name.
type driverOf struct{ connector driver.Connector }

func (d driverOf) Open(string) (driver.Conn, error) {
	return d.connector.Connect(context.Background())
}

func (d driverOf) OpenConnector(string) (driver.Connector, error) { return d.connector, nil }

// wrapDriver makes of a wrapper of drivers one of connectors.
func wrapDriver(wrap func(driver.Driver) driver.Driver) func(driver.Connector) (*sql.DB, error) {
	return func(connector driver.Connector) (*sql.DB, error) {
		wrapped, err := wrap(driverOf{connector}).(driver.DriverContext).OpenConnector("")
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(wrapped), nil
	}
}

func wrapConnector(wrap func(driver.Connector) driver.Connector) func(driver.Connector) (*sql.DB, error) {
	return func(connector driver.Connector) (*sql.DB, error) { return sql.OpenDB(wrap(connector)), nil }
}

type noLog struct{}

func (noLog) Log(context.Context, sqldblogger.Level, string, map[string]any) {}

// wrappers are all of them.
var wrappers = []wrapper{
	{
		name:  "XSAM/otelsql",
		open:  func(c driver.Connector) (*sql.DB, error) { return xsam.OpenDB(c), nil },
		lacks: lacks{scanType: true},
	},
	{
		name:  "nhat-otelsql",
		open:  wrapDriver(func(d driver.Driver) driver.Driver { return nhat.Wrap(d, nhat.TraceAll()) }),
		lacks: lacks{validator: true},
	},
	{
		name:  "sqlmw",
		open:  wrapDriver(func(d driver.Driver) driver.Driver { return sqlmw.Driver(d, sqlmw.NullInterceptor{}) }),
		lacks: lacks{closer: true},
	},
	{
		name: "sqldb-logger",
		open: func(c driver.Connector) (*sql.DB, error) {
			return sqldblogger.OpenDriver("", driverOf{c}, noLog{}, sqldblogger.WithWrapResult(true)), nil
		},
		lacks: lacks{validator: true, closer: true},
	},
	{
		name: "sqldb-logger-by-url",
		openURL: func(d driver.Driver, url string) *sql.DB {
			return sqldblogger.OpenDriver(url, d, noLog{})
		},
		lacks: lacks{validator: true},
	},
	{
		name:  "instrumentedsql",
		open:  wrapDriver(func(d driver.Driver) driver.Driver { return instrumentedsql.WrapDriver(d) }),
		lacks: lacks{validator: true, columnTypes: true, scanType: true, closer: true},
	},
	{
		name: "newrelic",
		open: wrapConnector(func(c driver.Connector) driver.Connector {
			return newrelic.InstrumentSQLConnector(c, newrelic.SQLDriverSegmentBuilder{})
		}),
		lacks: lacks{validator: true, closer: true},
	},
	{
		name: "ocsql",
		open: wrapConnector(func(c driver.Connector) driver.Connector {
			return ocsql.WrapConnector(c, ocsql.WithAllTraceOptions())
		}),
		lacks: lacks{reset: true, validator: true, closer: true},
	},
	{
		name:  "bare",
		open:  wrapConnector(func(c driver.Connector) driver.Connector { return bareConnector{c} }),
		lacks: lacks{reset: true, validator: true, checker: true, closer: true},
	},
	{
		name:  "bare-reset",
		open:  wrapConnector(func(c driver.Connector) driver.Connector { return resetConnector{bareConnector{c}} }),
		lacks: lacks{validator: true, checker: true, closer: true},
	},
}

// A home is a database under a wrapper.
type home struct {
	*testing.T
	wrapper
	url  string
	pool *sql.DB
}

// each runs a test under each wrapper, on a file and on a server.
func each(t *testing.T, test func(h *home)) {
	var n atomic.Int32
	server := dbtest.StartServer(t)
	for _, w := range wrappers {
		for _, engine := range []string{"file", "server"} {
			t.Run(w.name+"/"+engine, func(t *testing.T) {
				h := &home{T: t, wrapper: w, url: filepath.Join(t.TempDir(), "test.db")}
				if engine == "server" {
					if n.Add(1) > 1 {
						server = dbtest.StartServer(t)
					}
					h.url = server.URL()
				}
				h.pool = h.openPool(4)
				test(h)
			})
		}
	}
}

// openPool opens one more pool on the database.
func (h *home) openPool(limit int) *sql.DB {
	h.Helper()
	connector, err := db.NewConnector(h.url)
	if err != nil {
		h.Fatal(err)
	}
	var pool *sql.DB
	if h.openURL != nil {
		pool = h.openURL(connector.Driver(), h.url)
	} else if pool, err = h.open(connector); err != nil {
		h.Fatal(err)
	}
	pool.SetMaxOpenConns(limit)
	pool.SetMaxIdleConns(limit)
	h.Cleanup(func() {
		if err := pool.Close(); err != nil {
			h.Errorf("close: %v", err)
		}
		if h.lacks.closer {
			if err := connector.(io.Closer).Close(); err != nil {
				h.Errorf("close the connector: %v", err)
			}
		}
	})
	if err := pool.PingContext(h.Context()); err != nil {
		h.Fatal(err)
	}
	return pool
}

type executer interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

// exec runs a statement that has to succeed.
func (h *home) exec(e executer, text string, args ...any) {
	h.Helper()
	if _, err := e.ExecContext(h.Context(), text, args...); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
}

// want compares the first value of a query's first row.
func (h *home) want(pool *sql.DB, text string, want any, args ...any) {
	h.Helper()
	var got any
	if err := pool.QueryRowContext(h.Context(), text, args...).Scan(&got); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	if got != want {
		h.Errorf("%s: %#v, want %#v", text, got, want)
	}
}

// conn borrows a connection.
func (h *home) conn() *sql.Conn {
	h.Helper()
	conn, err := h.pool.Conn(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { conn.Close() })
	return conn
}
