package walog_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/replica/walog"
)

// These tests read the log of a real server, and write through the Hrana client.

// patience limits the waits for a server.
const patience = 60 * time.Second

// A mirror is a copy of a database, from its log.
type mirror struct {
	t      *testing.T
	client *walog.Client

	pages     map[uint32][]byte
	size      uint32 // in pages
	next      uint64
	chain     walog.Chain
	snapshots int
}

func newMirror(t *testing.T, cfg walog.Config) *mirror {
	t.Helper()
	cfg.HTTP, cfg.RequestTimeout = &http.Transport{}, patience
	client, err := walog.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &mirror{t: t, client: client, pages: map[uint32][]byte{}}
}

func (c *mirror) hello() *walog.Session {
	c.t.Helper()
	s, err := c.client.Hello(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// sync reads the log up to the last commit.
func (c *mirror) sync() *walog.Session {
	c.t.Helper()
	s := c.hello()
	for c.next < s.Next {
		switch err := c.entries(s, s.Next); {
		case errors.Is(err, walog.ErrNeedSnapshot):
			c.snapshot(s)
		case err != nil:
			c.t.Fatal(err)
		}
	}
	return s
}

// entries reads frames of the log.
func (c *mirror) entries(s *walog.Session, end uint64) error {
	for f, err := range c.client.Entries(c.t.Context(), s, c.next, end) {
		if err != nil {
			return err
		}
		if err := c.chain.Extend(f); err != nil {
			return err
		}
		c.add(f)
		c.next = f.No + 1
	}
	return nil
}

// snapshot reads a snapshot, once the server has written it. Its first frame has the checksum with
// which the log goes on.
func (c *mirror) snapshot(s *walog.Session) {
	c.t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		next := c.next
		seen := map[uint32]bool{}
		var err error
		for f, failed := range c.client.Snapshot(c.t.Context(), s, c.next) {
			if failed != nil {
				err = failed
				break
			}
			if next == c.next {
				next, c.chain.Sum = f.No+1, f.Checksum
			}
			if seen[f.Page] {
				c.t.Errorf("the snapshot has page %d twice", f.Page)
			}
			seen[f.Page] = true
			c.add(f)
		}
		switch {
		case err == nil:
			c.next = next
			c.snapshots++
			return
		case !errors.Is(err, walog.ErrSnapshotNotReady) || time.Since(began) > patience:
			c.t.Fatal(err)
		}
	}
}

func (c *mirror) add(f *walog.Frame) {
	c.pages[f.Page] = slices.Clone(f.Data)
	if f.Commit() {
		c.size = f.SizeAfter
		maps.DeleteFunc(c.pages, func(page uint32, _ []byte) bool { return page > c.size })
	}
}

// check compares the mirror with the server's database.
func (c *mirror) check(pool *sql.DB) {
	c.t.Helper()
	var file bytes.Buffer
	for page := uint32(1); page <= c.size; page++ {
		if len(c.pages[page]) != walog.PageSize {
			c.t.Fatalf("page %d of %d is missing", page, c.size)
		}
		file.Write(c.pages[page])
	}
	path := filepath.Join(c.t.TempDir(), "copy.db")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		c.t.Fatal(err)
	}
	local, err := db.Open(c.t.Context(), path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer local.Close()
	for _, query := range []string{"SELECT * FROM pragma_integrity_check", "SELECT sql FROM sqlite_schema ORDER BY name",
		"SELECT count(*) || ' ' || total(n) || ' ' || total(length(v)) || ' ' || hex(max(v)) FROM t"} {
		want, got := column(c.t, pool, query), column(c.t, local, query)
		if !slices.Equal(got, want) {
			c.t.Errorf("%s: got %.200q, want %.200q", query, got, want)
		}
	}
}

func column(t *testing.T, pool *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func open(t *testing.T, url string, opts ...db.Option) *sql.DB {
	t.Helper()
	pool, err := db.Open(t.Context(), url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func exec(t *testing.T, pool *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// randomRows inserts n rows with values of some 3 KB.
const randomRows = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
	INSERT INTO t(n, v) SELECT i, randomblob(3000 + i % 500) FROM c`

// TestServerLog copies several thousand frames.
func TestServerLog(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	c := newMirror(t, walog.Config{URL: server.URL()})
	s := c.hello()
	if s.Next != 0 || s.LogID == "" {
		t.Errorf("an empty database: %+v", s)
	}
	for _, err := range c.client.Snapshot(t.Context(), s, 0) {
		if !errors.Is(err, walog.ErrSnapshotNotReady) {
			t.Errorf("before the first snapshot: %v", err)
		}
	}
	pool := open(t, server.URL())
	exec(t, pool, "CREATE TABLE t(id INTEGER PRIMARY KEY, n, v)")
	for range 100 {
		exec(t, pool, randomRows, 1+rand.IntN(10))
	}
	c.sync()
	c.check(pool)
	exec(t, pool, randomRows, 2000) // one transaction
	exec(t, pool, "INSERT INTO t(n, v) VALUES (0, zeroblob(2000000))")
	c.sync()
	c.check(pool)
	for i := range 30 {
		exec(t, pool, fmt.Sprintf("CREATE TABLE t%d(a, b); CREATE INDEX i%[1]d ON t%[1]d(b); INSERT INTO t%[1]d VALUES (1, 2)", i))
	}
	exec(t, pool, "CREATE INDEX tv ON t(v)")
	exec(t, pool, "ALTER TABLE t ADD COLUMN added")
	exec(t, pool, "DROP TABLE t3")
	exec(t, pool, "DELETE FROM t WHERE n > 1000")
	exec(t, pool, "INSERT INTO t(n, v) SELECT n, v FROM t WHERE n < 300")
	s = c.sync()
	c.check(pool)
	if c.next != s.Next || c.next < 5000 || c.snapshots != 0 {
		t.Errorf("read %d frames of %d", c.next, s.Next)
	}
	t.Logf("%d frames, %d pages", c.next, c.size)
}

// TestServerFollow waits for each commit.
func TestServerFollow(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	pool := open(t, server.URL())
	exec(t, pool, "CREATE TABLE t(id INTEGER PRIMARY KEY, n, v)")
	c := newMirror(t, walog.Config{URL: server.URL()})
	s := c.hello()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	commits := 0
	var err error
	for f, failed := range c.client.Entries(ctx, s, 0, walog.Follow) {
		if failed != nil {
			err = failed
			break
		}
		if err := c.chain.Extend(f); err != nil {
			t.Fatal(err)
		}
		c.add(f)
		if !f.Commit() {
			continue
		}
		if since := time.Since(f.CommitTime); since < -time.Minute || since > time.Hour {
			t.Errorf("frame %d: commit time %v", f.No, f.CommitTime)
		}
		if commits++; commits == 50 {
			c.check(pool)
			server.Stop() // without the trailer of a complete answer
			continue
		}
		exec(t, pool, randomRows, 1)
	}
	if commits != 50 || !errors.Is(err, walog.ErrCut) {
		t.Errorf("%d commits, %v", commits, err)
	}
}

// TestServerSnapshots reads a log that the server compacts all the time.
func TestServerSnapshots(t *testing.T) {
	t.Parallel()
	for _, limit := range [][]string{{"--max-log-size", "1"}, {"--max-log-duration", "1"}} {
		t.Run(limit[0], func(t *testing.T) {
			t.Parallel()
			server := dbtest.StartServer(t, dbtest.WithArgs(limit...))
			pool := open(t, server.URL())
			exec(t, pool, "CREATE TABLE t(id INTEGER PRIMARY KEY, n, v)")
			early, late := newMirror(t, walog.Config{URL: server.URL()}), newMirror(t, walog.Config{URL: server.URL()})
			early.sync()
			for began := time.Now(); early.snapshots < 2 || late.snapshots < 2; {
				if time.Since(began) > patience {
					t.Fatalf("%d and %d snapshots", early.snapshots, late.snapshots)
				}
				// The log is compacted before, between and while frames are read.
				written := make(chan error)
				go func() {
					var err error
					for range 10 {
						_, inserted := pool.ExecContext(t.Context(), randomRows, 50)
						_, deleted := pool.ExecContext(t.Context(), "DELETE FROM t WHERE id % 3 = 0")
						err = errors.Join(err, inserted, deleted)
					}
					written <- err
				}()
				early.sync()
				if err := <-written; err != nil {
					t.Fatal(err)
				}
				if early.snapshots > 0 {
					late.sync()
				}
			}
			early.sync()
			early.check(pool)
			late.sync()
			late.check(pool)
			server.Restart() // which continues the checksum, also after a snapshot
			exec(t, pool, randomRows, 5)
			early.sync()
			early.check(pool)
			t.Logf("%d frames, %d and %d snapshots", early.next, early.snapshots, late.snapshots)
		})
	}
}

// TestServerRestarts looks at the log's identifier and at the session.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	pool := open(t, server.URL())
	exec(t, pool, "CREATE TABLE t(id INTEGER PRIMARY KEY, n, v)")
	exec(t, pool, randomRows, 50)
	c := newMirror(t, walog.Config{URL: server.URL()})
	before := c.sync()
	stale := func(s *walog.Session) {
		t.Helper()
		for _, err := range c.client.Entries(t.Context(), s, 0, walog.Follow) {
			if !errors.Is(err, walog.ErrNeedHello) {
				t.Errorf("LogEntries with an old session: %v", err)
			}
		}
		for _, err := range c.client.Snapshot(t.Context(), s, 0) {
			if !errors.Is(err, walog.ErrNeedHello) {
				t.Errorf("Snapshot with an old session: %v", err)
			}
		}
	}

	server.Restart() // an orderly one
	exec(t, pool, randomRows, 50)
	stale(before)
	clean := c.sync() // on the connection that the old server has closed
	if clean.LogID != before.LogID || clean.Next <= before.Next {
		t.Errorf("after a restart: %+v, before %+v", clean, before)
	}
	c.check(pool)

	server.Kill()
	if _, err := c.client.Hello(t.Context()); !errors.Is(err, walog.ErrCut) {
		t.Errorf("without a server: %v", err)
	}
	server.Restart()
	stale(clean)
	crashed := c.hello()
	if crashed.LogID == before.LogID || crashed.Next != uint64(c.size) {
		t.Errorf("after a crash: %+v, %d pages", crashed, c.size)
	}
	again := newMirror(t, walog.Config{URL: server.URL()})
	exec(t, pool, randomRows, 50)
	again.sync()
	again.check(pool)
}

// TestServerTokens has a server with authentication.
func TestServerTokens(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	pool := open(t, server.URL(), db.WithAuthToken(server.Token(dbtest.ReadWrite)))
	exec(t, pool, "CREATE TABLE t(id INTEGER PRIMARY KEY, n, v)")
	exec(t, pool, randomRows, 5)
	with := func(tokens ...string) *mirror {
		return newMirror(t, walog.Config{URL: server.URL(), Token: func(context.Context) (string, error) {
			token := tokens[0]
			tokens = tokens[min(1, len(tokens)-1):]
			return token, nil
		}})
	}
	for _, c := range []*mirror{with(server.Token(dbtest.ReadOnly)), with(server.ExpiredToken(), server.Token(dbtest.ReadOnly))} {
		c.sync()
		c.check(pool)
	}
	s := with(server.Token(dbtest.ReadOnly)).hello()
	for want, c := range map[string]*mirror{
		"the server refuses the token: AuthError: The JWT has expired":                                          with(server.ExpiredToken()),
		"the server refuses the token: AuthError: The JWT is invalid":                                           with(server.ForeignToken()),
		"the server refuses the token: Error parsing auth header: Expected authorization header but none given": with(""),
	} {
		check := func(err error) {
			t.Helper()
			var own *engine.Error
			if !errors.Is(err, walog.ErrTokenRefused) || !errors.As(err, &own) || own.Kind != engine.ErrUnauthorized || own.Message != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		_, err := c.client.Hello(t.Context())
		check(err)
		for _, err := range c.client.Entries(t.Context(), s, 0, walog.Follow) {
			check(err)
		}
		for _, err := range c.client.Snapshot(t.Context(), s, 0) {
			check(err)
		}
	}
}

// TestServerNamespaces has a server with several databases.
func TestServerNamespaces(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithArgs("--enable-namespaces"))
	for namespace, want := range map[string]string{
		"default": "",
		"":        "the server refuses replication: Missing x-namespace-bin metadata",
		"other":   "the server refuses replication: NAMESPACE_DOESNT_EXIST",
	} {
		c := newMirror(t, walog.Config{URL: server.URL(), Namespace: namespace})
		_, err := c.client.Hello(t.Context())
		if want == "" && err != nil || want != "" && (!errors.Is(err, walog.ErrRefused) || err.Error() != want) {
			t.Errorf("%q: got %v, want %q", namespace, err, want)
		}
	}
}

// TestServerRestoredCopy replaces the server's folder by an older copy of it. The log's identifier
// stays, and the history is another one.
func TestServerRestoredCopy(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	pool := open(t, server.URL())
	exec(t, pool, "CREATE TABLE t(id INTEGER PRIMARY KEY, n, v)")
	exec(t, pool, randomRows, 5)
	// The server's data is in a temporary folder of the test.
	found, err := filepath.Glob(filepath.Join(filepath.Dir(t.TempDir()), "*", "data"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	data, backup := found[0], filepath.Join(t.TempDir(), "backup")
	server.Stop()
	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	c := newMirror(t, walog.Config{URL: server.URL()})
	exec(t, pool, randomRows, 50)
	before := c.sync()

	server.Stop()
	if err := errors.Join(os.RemoveAll(data), os.CopyFS(data, os.DirFS(backup))); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	if s := c.hello(); s.LogID != before.LogID || s.Next >= c.next {
		t.Errorf("the copy: %+v, the mirror has %d frames", s, c.next)
	}
	exec(t, pool, randomRows, 100)
	s := c.hello()
	if s.LogID != before.LogID || s.Next <= c.next {
		t.Fatalf("the copy has %d frames, the mirror %d", s.Next, c.next)
	}
	next := c.next
	if err := c.entries(s, s.Next); !errors.Is(err, walog.ErrDiverged) || c.next != next {
		t.Errorf("got %v after %d frames", err, c.next-next)
	}
}
