package hrana_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// TestSchemaDatabase checks that each kind of write to a schema database is refused before it runs, and
// that a database that shares its schema works.
func TestSchemaDatabase(t *testing.T) {
	t.Parallel()
	admin := freeAddress(t)
	server := dbtest.StartServer(t, dbtest.WithArgs("--enable-namespaces", "--admin-listen-addr", admin))
	createNamespace(t, admin, "shared", `{"shared_schema": true}`)
	createNamespace(t, admin, "child", `{"shared_schema_name": "shared"}`)
	script := sqltext.Split("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
	insert := statement("INSERT INTO t VALUES (1)")
	table := statement("CREATE TABLE t (x)")
	exec := func(c engine.Conn, s sqltext.Statement) error {
		_, err := prepare(t, c, s).Exec(t.Context(), nil)
		return err
	}
	for name, use := range map[string]func(engine.Conn) error{
		"ping":      func(c engine.Conn) error { return c.Ping(t.Context()) },
		"statement": func(c engine.Conn) error { return exec(c, table) },
		"script": func(c engine.Conn) error {
			_, err := c.ExecAll(t.Context(), script)
			return err
		},
		"transaction": func(c engine.Conn) error {
			if err := c.Begin(t.Context(), engine.Write); err != nil {
				return err
			}
			defer c.Rollback(t.Context())
			return exec(c, table)
		},
		"batch": func(c engine.Conn) error {
			_, err := c.(engine.Batcher).Batch(t.Context(), &engine.Batch{Steps: []engine.Step{{Statement: &table}, {Statement: &insert}}, Around: engine.Independent})
			return err
		},
	} {
		c := connect(t, hrana.New(transport.Config{URL: server.URL(), Namespace: "shared"}))
		err := use(c)
		if e, ok := err.(*engine.Error); !ok || e.Kind != engine.ErrCantOpen || !strings.Contains(e.Message, "schema database") {
			t.Errorf("%s: error %v, want one that names the schema database", name, err)
		}
		if err := exec(c, statement("SELECT * FROM t")); err == nil {
			t.Errorf("%s: the table is there", name)
		}
	}
	c := connect(t, hrana.New(transport.Config{URL: server.URL(), Namespace: "child"}))
	for range 2 {
		if err := c.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.ExecAll(t.Context(), sqltext.Split("CREATE TABLE IF NOT EXISTS mine (x); INSERT INTO mine VALUES (1)")); err != nil {
			t.Fatal(err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func createNamespace(t *testing.T, admin, name, settings string) {
	t.Helper()
	answer, err := http.Post("http://"+admin+"/v1/namespaces/"+name+"/create", "application/json", strings.NewReader(settings))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("create the namespace %s: %s", name, answer.Status)
	}
}
