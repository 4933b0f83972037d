package pull_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/internal/replica/call"
	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/pull"
	"github.com/duolite/duolite/db/internal/replica/tursotest"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// These tests copy the database of a real server to a file.

const patience = 60 * time.Second

// A mirror is a copy of a server's database.
type mirror struct {
	t      *testing.T
	server *tursotest.Server
	client *pull.Client
	file   *localfile.File
	pool   *sql.DB // reads the file, from the first pull on
	path   string
	pages  int // put by the last pull
}

func newMirror(t *testing.T, server *tursotest.Server) *mirror {
	t.Helper()
	client, err := pull.New(call.Config{URL: server.URL(), HTTP: &http.Transport{}, RequestTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	m := &mirror{t: t, server: server, client: client, path: filepath.Join(t.TempDir(), "replica.db")}
	if m.file, err = localfile.Open(t.Context(), sqlite.Config{Path: m.path}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.file.Close() })
	return m
}

// pull brings the server's changes to the file.
func (m *mirror) pull() (*pull.Answer, error) {
	ctx := m.t.Context()
	pos, copied, err := m.file.Position(ctx)
	if err != nil {
		return nil, err
	}
	size, err := m.file.Size(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := m.client.Pull(ctx, pos.Revision, size)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	tx, err := m.file.Begin(ctx, pos, copied)
	if err != nil {
		return nil, err
	}
	m.pages = 0
	for page, err := range answer.Pages() {
		if err == nil {
			m.pages++
			err = tx.Put(ctx, page.Number, page.Data)
		}
		if err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	return answer, tx.Commit(ctx, answer.Size, localfile.AtRevision(localfile.HistoryOf("", ""), answer.Revision))
}

// sync brings the server's changes to the file, and compares the file with the server's database.
func (m *mirror) sync() *pull.Answer {
	m.t.Helper()
	answer, err := m.pull()
	if err != nil {
		m.t.Fatal(err)
	}
	m.check()
	return answer
}

// contents returns the schema, and the rows of all tables whose names begin with t. They have the columns
// id and v.
func contents(t *testing.T, query func(string) []string) []string {
	t.Helper()
	all := query("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name")
	for _, table := range query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 't%' ORDER BY name") {
		all = append(all, query("SELECT id || ' ' || v FROM "+table+" ORDER BY id")...)
	}
	return all
}

func (m *mirror) check() {
	t := m.t
	t.Helper()
	if m.pool == nil {
		pool, err := db.Open(t.Context(), "file:"+m.path+"?mode=ro")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pool.Close() })
		m.pool = pool
	}
	local := func(text string) []string { return column(t, m.pool, text) }
	if got := local("PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
		t.Fatalf("integrity_check: %.300q", got)
	}
	want := contents(t, func(text string) []string { return serverColumn(t, m.server, text) })
	if got := contents(t, local); !slices.Equal(got, want) {
		t.Fatalf("the copy has %d lines, the server %d:\n%.300q\n%.300q", len(got), len(want), got, want)
	}
}

func serverColumn(t *testing.T, server *tursotest.Server, text string) (all []string) {
	t.Helper()
	rows, err := server.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, row := range rows {
		var values []struct{ Value string }
		if err := json.Unmarshal([]byte(row), &values); err != nil || len(values) != 1 {
			t.Fatalf("%s: %s, %v", text, row, err)
		}
		all = append(all, values[0].Value)
	}
	return all
}

func column(t *testing.T, pool *sql.DB, text string) (all []string) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// insert returns a statement that inserts n rows of size bytes.
func insert(table string, n, size int) string {
	return fmt.Sprintf("INSERT INTO %s (v) SELECT hex(randomblob(%d)) FROM generate_series(1, %d)", table, size/2, n)
}

const create = "CREATE TABLE %s (id INTEGER PRIMARY KEY, v TEXT)"

// TestServer copies a database, and its changes of all kinds.
func TestServer(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	m := newMirror(t, server)
	if _, err := m.pull(); !errors.Is(err, pull.ErrEmpty) {
		t.Errorf("an empty database: %v", err)
	}
	for i := range 3 { // restarts in between
		t1, t2 := fmt.Sprintf("t%da", i), fmt.Sprintf("t%db", i)
		server.Exec(fmt.Sprintf(create, t1), insert(t1, 500, 200))
		if a := m.sync(); a.Whole != (i == 0) || m.pages == 0 || a.Size == 0 {
			t.Errorf("%d: %+v, %d pages", i, a, m.pages)
		}
		before := m.sync()
		if m.pages != 0 {
			t.Errorf("nothing new: %+v, %d pages", before, m.pages)
		}
		server.Exec(insert(t1, 1, 20))
		if after := m.sync(); after.Revision == before.Revision || m.pages == 0 || m.pages > 5 {
			t.Errorf("one row: %+v, before %+v, %d pages", after, before, m.pages)
		}
		server.Exec("CREATE INDEX i"+t1+" ON "+t1+"(v)", fmt.Sprintf(create, t2))
		m.sync()
		server.Exec(insert(t2, 30, 6000), "UPDATE "+t1+" SET v = v || 'x' WHERE id % 7 = 0", "DELETE FROM "+t1+" WHERE id % 3 = 0")
		m.sync()
		server.Exec("ALTER TABLE "+t2+" ADD COLUMN added", "DROP INDEX i"+t1, "DROP TABLE "+t1)
		m.sync()
		before = m.sync()
		if i == 0 {
			server.Stop()
		} else {
			server.Kill()
		}
		if _, err := m.pull(); !errors.Is(err, call.ErrCut) {
			t.Errorf("without a server: %v", err)
		}
		server.Restart()
		if after := m.sync(); after.Revision != before.Revision || m.pages != 0 {
			t.Errorf("after a restart: %+v, before %+v", after, before)
		}
	}
	late := newMirror(t, server)
	if a := late.sync(); !a.Whole || uint32(late.pages) != a.Size {
		t.Errorf("a late copy: %+v, %d pages", a, late.pages)
	}
}

// TestServerWriters copies while others write. Each state is one of the server's.
func TestServerWriters(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	server.Exec(fmt.Sprintf(create, "t"), "CREATE TABLE n (writer INTEGER PRIMARY KEY, count)")
	m := newMirror(t, server)
	m.sync()
	var group sync.WaitGroup
	done := make(chan struct{})
	for writer := range 4 {
		group.Go(func() {
			for range 40 {
				// One statement is one transaction: the server has a single connection.
				server.Query(insert("t", 3, 500))
				if _, err := server.Query(fmt.Sprintf("INSERT INTO n VALUES (%d, 1) ON CONFLICT DO UPDATE SET count = count + 1", writer)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { group.Wait(); close(done) }()
	pulls := 0
	for last := 0; ; pulls++ {
		if _, err := m.pull(); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, n := range column(t, m.pool, "SELECT coalesce(sum(count), 0) FROM n") {
			fmt.Sscan(n, &sum)
		}
		if sum < last {
			t.Fatalf("the copy went back from %d to %d", last, sum)
		}
		last = sum
		if got := column(t, m.pool, "PRAGMA integrity_check"); got[0] != "ok" {
			t.Fatal(got)
		}
		select {
		case <-done:
			m.sync()
			if got := column(t, m.pool, "SELECT sum(count) FROM n"); got[0] != "160" {
				t.Errorf("%s writes, want 160", got)
			}
			t.Logf("%d pulls", pulls)
			return
		default:
		}
	}
}

// TestServerIncomplete: tursodb sends only pages of its log. A copy without the others isn't made.
func TestServerIncomplete(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	m := newMirror(t, server)
	server.Stop()
	own, err := db.Open(t.Context(), server.Path)
	if err == nil {
		_, err = own.ExecContext(t.Context(), "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t (v) VALUES ('a')")
	}
	if err = errors.Join(err, own.Close()); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	server.Exec("INSERT INTO t (v) VALUES ('b')")
	if _, err := m.pull(); !errors.Is(err, pull.ErrIncomplete) || !errors.Is(err, call.ErrRefused) || !strings.Contains(err.Error(), "all pages") {
		t.Errorf("got %v", err)
	}
}

// TestServerRestored: the server's files are replaced by an older copy.
func TestServerRestored(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	server.Exec(fmt.Sprintf(create, "t"), insert("t", 5, 20))
	server.Stop()
	backup := map[string][]byte{}
	for _, name := range []string{server.Path, server.Path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		backup[name] = content
	}
	server.Restart()
	server.Exec(insert("t", 500, 200))
	m := newMirror(t, server)
	m.sync()
	server.Stop()
	for name, content := range backup {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server.Restart()
	if _, err := m.pull(); !errors.Is(err, pull.ErrDiverged) {
		t.Errorf("an older copy: %v", err)
	}
}

// TestServerMVCC: a database in another journal mode. This version of tursodb answers as for an empty one.
func TestServerMVCC(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	server.Stop()
	server.Shell("PRAGMA journal_mode = 'mvcc'")
	server.Restart()
	server.Exec(fmt.Sprintf(create, "t"))
	m := newMirror(t, server)
	if _, err := m.pull(); !errors.Is(err, pull.ErrEmpty) || !errors.Is(err, call.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

// TestServerCanceled: a request ends with its context.
func TestServerCanceled(t *testing.T) {
	t.Parallel()
	m := newMirror(t, tursotest.Start(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.client.Pull(ctx, pull.Whole, 0); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}
