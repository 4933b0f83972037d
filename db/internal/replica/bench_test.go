package replica_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A bench is a server with a replica.
type bench struct {
	server  *sql.DB
	url     string // of a new replica, without its name
	replica *sql.DB
}

func newBench(b *testing.B, statements ...string) *bench {
	b.Helper()
	server := dbtest.StartServer(b)
	of := &bench{server: open(b, server.URL())}
	for _, statement := range statements {
		execute(b, of.server, statement)
	}
	of.url = server.URL() + "?replica=" + url.QueryEscape(b.TempDir()+"/")
	of.replica = open(b, of.url+"replica.db")
	return of
}

func open(tb testing.TB, address string) *sql.DB {
	tb.Helper()
	pool, err := db.Open(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { pool.Close() })
	return pool
}

func execute(tb testing.TB, pool *sql.DB, statement string, args ...any) {
	tb.Helper()
	if _, err := pool.ExecContext(tb.Context(), statement, args...); err != nil {
		tb.Fatal(err)
	}
}

const someRows = "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT %d) SELECT i, hex(randomblob(%d)) FROM n"

// BenchmarkPoint reads a row by its key, in turns of a replica and of a file with the same rows. It
// reports the fastest turn of each, and the relation of the medians.
func BenchmarkPoint(b *testing.B) {
	of := newBench(b, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", fmt.Sprintf(someRows, 10_000, 20))
	execute(b, of.replica, "UPDATE t SET a = '' WHERE id = 1") // reads know of a write
	local := open(b, filepath.Join(b.TempDir(), "file.db"))
	execute(b, local, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
	execute(b, local, fmt.Sprintf(someRows, 10_000, 20))
	const reads = 200
	turn := func(pool *sql.DB) func() time.Duration {
		query, err := pool.PrepareContext(b.Context(), "SELECT a FROM t WHERE id = ?")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { query.Close() })
		return func() time.Duration {
			start := time.Now()
			for i := range reads {
				var a string
				if err := query.QueryRowContext(b.Context(), 1+i*37%10_000).Scan(&a); err != nil {
					b.Fatal(err)
				}
			}
			return time.Since(start) / reads
		}
	}
	file, replica := turn(local), turn(of.replica)
	var ofFile, ofReplica []time.Duration
	for b.Loop() {
		ofFile, ofReplica = append(ofFile, file()), append(ofReplica, replica())
	}
	slices.Sort(ofFile)
	slices.Sort(ofReplica)
	b.ReportMetric(float64(ofFile[0]), "file-ns")
	b.ReportMetric(float64(ofReplica[0]), "replica-ns")
	b.ReportMetric(float64(ofReplica[len(ofReplica)/2])/float64(ofFile[len(ofFile)/2]), "relation")
}

// BenchmarkLag measures the time from the reply to a write to the moment when another pool of the process,
// which waits for nothing, reads it.
func BenchmarkLag(b *testing.B) {
	of := newBench(b, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)", "INSERT INTO t VALUES (1, 0)")
	stale, err := db.Open(b.Context(), of.url+"replica.db", db.WithStaleReads())
	if err != nil {
		b.Fatal(err)
	}
	defer stale.Close()
	var all []time.Duration
	for i := 1; b.Loop(); i++ {
		execute(b, of.server, "UPDATE t SET a = ?", i)
		start := time.Now()
		for n := 0; n != i; {
			if err := stale.QueryRowContext(b.Context(), "SELECT a FROM t").Scan(&n); err != nil {
				b.Fatal(err)
			}
		}
		all = append(all, time.Since(start))
	}
	report(b, all)
}

func report(b *testing.B, all []time.Duration) {
	slices.Sort(all)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(all[(len(all)-1)*p/100].Microseconds()), fmt.Sprintf("p%d-µs", p))
	}
}

// BenchmarkFirstCopy copies a database of 50 MB, which is one transaction.
func BenchmarkFirstCopy(b *testing.B) {
	of := newBench(b, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", fmt.Sprintf(someRows, 12_500, 1990))
	for i := 0; b.Loop(); i++ {
		pool, err := db.Open(b.Context(), fmt.Sprintf("%s%d.db", of.url, i))
		if err != nil {
			b.Fatal(err)
		}
		pool.Close()
	}
}

// BenchmarkCatchUp applies 2,000 small transactions that were made while nobody followed.
func BenchmarkCatchUp(b *testing.B) {
	of := newBench(b, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)", "INSERT INTO t VALUES (1, 0)")
	of.replica.Close()
	for b.Loop() {
		b.StopTimer()
		for i := range 2000 {
			execute(b, of.server, "UPDATE t SET a = ?", i)
		}
		b.StartTimer()
		pool := open(b, of.url+"replica.db")
		if _, err := db.Sync(b.Context(), pool); err != nil {
			b.Fatal(err)
		}
		pool.Close()
	}
}
