package conformance_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db"
	_ "github.com/duolite/duolite/db/clientgo"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/conformance"
	"github.com/duolite/duolite/db/internal/hrana/jsononly"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Engine{
		Name: conformance.SQLite,
		New: func(tb testing.TB) conformance.Database {
			return conformance.Database{URL: filepath.Join(tb.TempDir(), "test.db")}
		},
		Differences: conformance.DifferencesOf(conformance.SQLite),
	})
}

func TestSQLiteMemory(t *testing.T) {
	t.Parallel()
	var names atomic.Int32
	conformance.Run(t, conformance.Engine{
		Name: conformance.SQLiteMemory,
		New: func(testing.TB) conformance.Database {
			return conformance.Database{URL: fmt.Sprintf("file:conformance-%d?mode=memory", names.Add(1))}
		},
		Differences: conformance.DifferencesOf(conformance.SQLiteMemory),
	})
}

func TestLibSQL(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Engine{
		Name:        conformance.LibSQL,
		New:         startServer,
		Differences: conformance.DifferencesOf(conformance.LibSQL),
	})
}

// TestLibSQLWithJSON runs the cases on a server that has no protobuf.
func TestLibSQLWithJSON(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Engine{
		Name: conformance.LibSQL,
		New: func(tb testing.TB) conformance.Database {
			server := dbtest.StartServer(tb)
			front := front{server, jsononly.Start(tb, server.URL())}
			return conformance.Database{URL: front.url, Server: front}
		},
		Differences: conformance.DifferencesOf(conformance.LibSQL),
	})
}

// A front is a proxy in front of a server.
type front struct {
	*dbtest.Server
	url string
}

// URL returns the proxy's URL.
func (f front) URL() string { return f.url }

func TestLibSQLClientGo(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Engine{
		Name: conformance.LibSQLGo,
		New:  startServer,
		Open: func(ctx context.Context, url string, opts ...db.Option) (*sql.DB, error) {
			return db.Open(ctx, url, append(opts, db.WithLibSQLClientGo())...)
		},
		Differences: conformance.DifferencesOf(conformance.LibSQLGo),
	})
}

func TestReplica(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Engine{
		Name: conformance.Replica,
		New: func(tb testing.TB) conformance.Database {
			server := startServer(tb)
			server.URL += "?replica=" + url.QueryEscape(filepath.Join(tb.TempDir(), "replica.db"))
			return server
		},
		Differences: conformance.DifferencesOf(conformance.Replica),
	})
}

func startServer(tb testing.TB) conformance.Database {
	server := dbtest.StartServer(tb)
	return conformance.Database{URL: server.URL(), Server: server}
}
