package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// BenchmarkServer measures calls to a server. Without a network it reports the CPU time of the client and
// of the server, in µs; over a network the bytes that were sent and received:
//
//	go test -run '^$' -bench 'Server$' -benchmem ./db
func BenchmarkServer(b *testing.B) {
	server := dbtest.StartServer(b)
	addr := strings.TrimPrefix(server.URL(), "http://")
	b.Run("direct", func(b *testing.B) {
		pool := open(b, server.URL())
		for _, w := range serverWork {
			b.Run(w.name, func(b *testing.B) {
				w.prepare(b, pool)
				b.ReportAllocs()
				client, other := ownCPU(), childCPU(b)
				for b.Loop() {
					w.once(b, pool)
				}
				b.ReportMetric(float64((ownCPU()-client).Microseconds())/float64(b.N), "client-µs/op")
				b.ReportMetric(float64((childCPU(b)-other).Microseconds())/float64(b.N), "server-µs/op")
			})
		}
	})
	for _, network := range []struct {
		name  string
		delay time.Duration // of a round trip
		bits  float64       // per second
	}{{"10ms", 10 * time.Millisecond, 1e9}, {"40ms", 40 * time.Millisecond, 1e9}, {"2ms-100Mbit", 2 * time.Millisecond, 1e8}} {
		b.Run(network.name, func(b *testing.B) {
			line := &line{delay: network.delay / 2, bits: network.bits}
			// A client asks its own machine for no compression, so it reaches the server through a
			// proxy for another host.
			proxy := &url.URL{Scheme: "http", Host: line.to(b, addr)}
			pool, err := db.Open(b.Context(), "http://far.test", db.WithHTTPProxy(http.ProxyURL(proxy)))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { pool.Close() })
			for _, w := range serverWork {
				b.Run(w.name, func(b *testing.B) {
					w.prepare(b, pool)
					sent, received := line.sent.Load(), line.received.Load()
					for b.Loop() {
						w.once(b, pool)
					}
					b.ReportMetric(float64(line.sent.Load()-sent)/float64(b.N), "sent-B/op")
					b.ReportMetric(float64(line.received.Load()-received)/float64(b.N), "received-B/op")
				})
			}
		})
	}
}

type serverWorkload struct {
	name string
	once func(b *testing.B, pool *sql.DB)
}

const (
	wideRow    = "SELECT id, url, title, notes, visits, score, created_at FROM wide"
	insertWide = "INSERT INTO wide (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?)"
)

var serverWork = []serverWorkload{
	{"point", func(b *testing.B, pool *sql.DB) { readWide(b, pool, 1, wideRow+" WHERE id = ?", 42) }},
	{"insert", func(b *testing.B, pool *sql.DB) {
		if _, err := pool.ExecContext(b.Context(), insertWide, wideValues(1)...); err != nil {
			b.Fatal(err)
		}
	}},
	{"transaction", func(b *testing.B, pool *sql.DB) {
		err := db.InTx(b.Context(), pool, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(b.Context(), insertWide, wideValues(1)...)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}},
	{"batch-1000", func(b *testing.B, pool *sql.DB) {
		if err := batchInserts(b.Context(), pool, 1000); err != nil {
			b.Fatal(err)
		}
	}},
	{"insertall-1000", func(b *testing.B, pool *sql.DB) {
		_, err := db.InsertAll(b.Context(), pool, newBenchQueries, wideRows, func(q *benchQueries, ctx context.Context, row []any) error {
			_, err := q.db.ExecContext(ctx, insertWide, row...)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}},
	{"bulk-1000", func(b *testing.B, pool *sql.DB) {
		_, err := db.BulkExec(b.Context(), pool, newBenchQueries, wideRows, func(q *benchQueries, ctx context.Context, rows string) (int64, error) {
			_, err := q.db.ExecContext(ctx, `INSERT INTO wide (url, title, notes, visits, score, created_at)
				SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5 FROM json_each(?) AS e`, rows)
			return 0, err
		})
		if err != nil {
			b.Fatal(err)
		}
	}},
	{"rows-10000", func(b *testing.B, pool *sql.DB) { readWide(b, pool, 10_000, wideRow+" LIMIT ?", 10_000) }},
	// Such a value doesn't fit in one reply, so these rows arrive by a cursor.
	{"cursor-10000", func(b *testing.B, pool *sql.DB) {
		readWide(b, pool, 10_000, strings.Replace(wideRow, "notes", "notes || substr(hex(zeroblob(500)), 1 + 0 * notes)", 1)+" LIMIT ?", 10_000)
	}},
}

// prepare stores the rows that the workload reads.
func (w *serverWorkload) prepare(b *testing.B, pool *sql.DB) {
	execute(b, pool, "DROP TABLE IF EXISTS t", benchTable, "DROP TABLE IF EXISTS wide",
		"CREATE TABLE wide (id INTEGER PRIMARY KEY, url TEXT, title TEXT, notes TEXT, visits INTEGER, score REAL, created_at INTEGER)",
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO wide SELECT i, 'https://example.com/page/' || hex(sin(i)), 'The title of page ' || i,
			CASE WHEN i % 3 THEN 'some words that are notes about page ' || hex(cos(i)) END, i, i * 0.37, 1700000000 + i * 7919 FROM n`)
	w.once(b, pool)
}

func wideValues(i int) []any {
	return []any{fmt.Sprintf("https://example.com/page/%d", i), fmt.Sprintf("The title of page %d", i), "some words that are notes",
		int64(i), float64(i) * 0.37, int64(1700000000 + i*7919)}
}

var wideRows = func() [][]any {
	rows := make([][]any, 1000)
	for i := range rows {
		rows[i] = wideValues(i)
	}
	return rows
}()

func readWide(b *testing.B, pool *sql.DB, want int, query string, arg int) {
	rows, err := pool.QueryContext(b.Context(), query, arg)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var row struct {
			id, visits, at int64
			url, title     string
			notes          sql.NullString
			score          float64
		}
		if err := rows.Scan(&row.id, &row.url, &row.title, &row.notes, &row.visits, &row.score, &row.at); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil || n != want {
		b.Fatalf("%d rows and %v, want %d", n, err, want)
	}
}

// childCPU returns the CPU time of the processes that this one has started, or 0 where it isn't known.
func childCPU(b *testing.B) (total time.Duration) {
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		children, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		for _, pid := range strings.Fields(string(children)) {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			if err != nil {
				b.Fatal(err)
			}
			total += statCPU(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		}
	}
	return total
}

// statCPU reads the user and the system time in the fields of /proc/PID/stat behind the name.
func statCPU(stat string) time.Duration {
	fields := strings.Fields(stat)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100
}

// ownCPU returns the CPU time of this process, or 0 where it isn't known.
func ownCPU() time.Duration {
	stat, _ := os.ReadFile("/proc/self/stat")
	_, rest, found := strings.Cut(string(stat), ") ")
	if !found {
		return 0
	}
	return statCPU(rest)
}

// A line is a network with a delay in each direction and limited bandwidth. It counts bytes.
type line struct {
	delay          time.Duration
	bits           float64 // per second
	sent, received atomic.Int64
}

// to starts a relay to addr, and returns its address.
func (l *line) to(b *testing.B, addr string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", addr)
			if err != nil {
				client.Close()
				return
			}
			go l.relay(server, client, &l.sent)
			go l.relay(client, server, &l.received)
		}
	}()
	return listener.Addr().String()
}

// relay passes bytes on when they would arrive.
func (l *line) relay(to, from net.Conn, count *atomic.Int64) {
	type packet struct {
		data []byte
		due  time.Time
	}
	packets := make(chan packet, 1024)
	go func() {
		defer to.Close()
		for p := range packets {
			time.Sleep(time.Until(p.due))
			to.Write(p.data) // an error ends the other direction too
		}
	}()
	defer close(packets)
	var free time.Time // the line has sent all earlier bytes
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			count.Add(int64(n))
			if now := time.Now(); free.Before(now) {
				free = now
			}
			free = free.Add(time.Duration(float64(8*n) / l.bits * 1e9))
			packets <- packet{buffer[:n], free.Add(l.delay)}
		}
		if err != nil {
			return
		}
	}
}
