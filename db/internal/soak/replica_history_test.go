package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Each table has its own name in each row, so that a statement that reads the other table's pages shows.
func twoTables(first, second string) []string {
	return []string{
		fmt.Sprintf("CREATE TABLE %s (name TEXT, n INTEGER)", first),
		fmt.Sprintf("CREATE TABLE %s (name TEXT, n INTEGER)", second),
		fmt.Sprintf("INSERT INTO %s VALUES ('%[1]s', 1)", first),
		fmt.Sprintf("INSERT INTO %s VALUES ('%[1]s', 1)", second),
	}
}

// grow changes the first page too, by the number of pages.
func grow(table string, rows int) []string {
	one := fmt.Sprintf("INSERT INTO %s VALUES ('%[1]s', zeroblob(5000))", table)
	all := make([]string, rows)
	for i := range all {
		all[i] = one
	}
	return all
}

// A successor is a way for a server's history to be followed by another one.
type successor struct {
	name string
	// replace replaces the history, and writes the new one. server has its data as keep left it.
	replace func(t *testing.T, s *succession)
}

// A succession is a server, the copy of its data folder when it had two tables, and a replica that
// has more of its history.
type succession struct {
	server *primary
	copied string
	proxy  *logProxy
}

// write writes to the server.
func (s *succession) write(t *testing.T, statements ...string) {
	t.Helper()
	pool := open(t, s.server.database(), statements...)
	pool.Close()
}

// restore makes the server have its former data again.
func (s *succession) restore(t *testing.T) {
	t.Helper()
	s.server.replace(t, func() error { return copyFolder(s.server.data(), s.copied) })
}

// frames returns the number of frames of the server's log.
func (s *succession) frames(t *testing.T) uint64 {
	t.Helper()
	pool := openReplica(t, s.server.URL(), filepath.Join(t.TempDir(), "frames.db"))
	defer pool.Close()
	return catchUp(t, pool).Frames
}

var successors = []successor{
	{"killed", func(t *testing.T, s *succession) {
		s.server.Kill()
		s.server.Restart()
	}},
	{"killed twice", func(t *testing.T, s *succession) {
		for range 2 {
			s.server.Kill()
			s.server.Restart()
			s.write(t, grow("x", 3)...)
		}
	}},
	{"emptied", func(t *testing.T, s *succession) {
		s.server.replace(t, func() error { return os.RemoveAll(s.server.data()) })
	}},
	{"recreated with the same schema version", func(t *testing.T, s *succession) {
		s.server.replace(t, func() error { return os.RemoveAll(s.server.data()) })
		s.write(t, twoTables("y", "x")...)
		s.write(t, "CREATE TABLE z (name)")
	}},
	{"restored", func(t *testing.T, s *succession) { s.restore(t) }},
	{"restored and forked", func(t *testing.T, s *succession) {
		s.restore(t)
		s.write(t, "DROP TABLE x", "DROP TABLE y")
		s.write(t, twoTables("y", "x")...)
		s.write(t, grow("y", 40)...)
	}},
	{"restored and forked with the same schema version", func(t *testing.T, s *succession) {
		s.restore(t)
		s.write(t, "CREATE TABLE other (name, n)")
		s.write(t, "INSERT INTO other VALUES ('other', 1)")
	}},
	// A replica has the same number of frames, and none of its next ones is there yet.
	{"restored and forked to the same frame", func(t *testing.T, s *succession) {
		before := s.frames(t)
		s.restore(t)
		s.write(t, "CREATE TABLE z (name)")
		for i := 0; s.frames(t) < before; i++ {
			s.write(t, fmt.Sprintf("UPDATE y SET n = -%d", i))
		}
		if after := s.frames(t); after != before {
			t.Errorf("%d frames, want %d: the test tests something else", after, before)
		}
	}},
	// The next frames of a replica are in a snapshot.
	{"restored, forked and compacted", func(t *testing.T, s *succession) {
		s.restore(t)
		s.write(t, "DROP TABLE x", "DROP TABLE y")
		s.write(t, twoTables("y", "x")...)
		for range 4 {
			s.write(t, grow("y", 200)...)
			s.write(t, "DELETE FROM y WHERE n <> 1")
		}
	}},
	{"another server", func(t *testing.T, s *succession) {
		s.server = newPrimary(t)
		s.write(t, twoTables("y", "x")...)
		s.write(t, "CREATE TABLE z (name)")
		s.proxy.target.Store(parse(t, s.server.URL()))
	}},
}

// TestReplicaHistories replaces a server's history while a replica follows it, and while the replica's
// program is down.
func TestReplicaHistories(t *testing.T) {
	t.Parallel()
	for _, next := range successors {
		for _, following := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/following=%v", next.name, following), func(t *testing.T) {
				t.Parallel()
				testSuccession(t, next, following)
			})
		}
	}
}

func testSuccession(t *testing.T, next successor, following bool) {
	s := &succession{server: newPrimary(t, smallLog), copied: filepath.Join(t.TempDir(), "copy")}
	s.proxy = startLogProxy(t, s.server.URL())
	s.write(t, twoTables("x", "y")...)
	s.server.replace(t, func() error { return copyFolder(s.copied, s.server.data()) })
	path := filepath.Join(t.TempDir(), "replica.db")
	pool := openReplica(t, s.proxy.URL, path)
	s.write(t, "CREATE TABLE z (name)")
	s.write(t, grow("x", 10)...)
	catchUp(t, pool)
	if !following {
		pool.Close()
		next.replace(t, s)
		pool = openReplica(t, s.proxy.URL, path)
		checkSame(t, pool, open(t, s.server.database()))
		return
	}
	early, late := newCachedReader(t, pool), newCachedReader(t, pool)
	next.replace(t, s)
	server := open(t, s.server.database())
	checkSame(t, pool, server)
	early.check(t)
	// The late reader has slept through all that follows, until the first page is the server's again.
	for range 3 {
		s.write(t, "CREATE TABLE IF NOT EXISTS x (name TEXT, n INTEGER)", "CREATE TABLE IF NOT EXISTS y (name TEXT, n INTEGER)")
		s.write(t, grow("y", 10)...)
		checkSame(t, pool, server)
	}
	late.check(t)
	execute(t, pool, "INSERT INTO x VALUES ('x', 99)")
	checkSame(t, pool, server)
}

// A cachedReader is a connection with compiled statements.
type cachedReader struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newCachedReader(t *testing.T, pool *sql.DB) *cachedReader {
	t.Helper()
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	r := &cachedReader{conn, map[string]*sql.Stmt{}}
	for _, table := range []string{"x", "y"} {
		if r.stmts[table], err = conn.PrepareContext(t.Context(), "SELECT name FROM "+table+" ORDER BY rowid"); err != nil {
			t.Fatal(err)
		}
	}
	r.check(t)
	return r
}

// check reads each table, which may not exist.
func (r *cachedReader) check(t *testing.T) {
	t.Helper()
	for table, stmt := range r.stmts {
		err := checkNames(t.Context(), stmt, table)
		exists := true
		if err != nil { // this question comes after the statement, as it has the connection read the schema
			const ask = "SELECT count(*) FROM sqlite_schema WHERE name = ?"
			err = errors.Join(err, r.conn.QueryRowContext(t.Context(), ask, table).Scan(&exists))
		}
		if err != nil && exists {
			t.Errorf("table %s: %v", table, err)
		}
	}
}

func checkNames(ctx context.Context, stmt *sql.Stmt, want string) error {
	rows, err := stmt.QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if name != want {
			return fmt.Errorf("a row of table %q", name)
		}
	}
	return rows.Err()
}
