package hrana_test

import (
	"database/sql/driver"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// BenchmarkCompression reads rows over networks of several bandwidths, with and without compression in
// turns. plain/gzip is the time without compression divided by the time with it.
func BenchmarkCompression(b *testing.B) {
	server := dbtest.StartServer(b)
	for _, width := range []struct {
		name string
		bits float64 // per second
	}{{"1 Gbit", 1e9}, {"100 Mbit", 100e6}, {"10 Mbit", 10e6}} {
		for _, rows := range []int64{1, 10, 100, 1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d rows", width.name, rows), func(b *testing.B) {
				relay := startRelay(b, strings.TrimPrefix(server.URL(), "http://"), width.bits)
				// A client asks its own machine for no compression, so it reaches the
				// relay as the proxy for another host.
				compressed := rowsOver(b, transport.Config{URL: "http://far.test", Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: relay})})
				plain := rowsOver(b, transport.Config{URL: "http://" + relay})
				var times [2]time.Duration
				read := func(which int, s engine.Stmt) {
					begin := time.Now()
					readRows(b, s, rows)
					times[which] += time.Since(begin)
				}
				for b.Loop() {
					read(0, compressed)
					read(1, plain)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(times[0].Seconds()*1e3/float64(b.N), "ms-gzip")
				b.ReportMetric(times[1].Seconds()*1e3/float64(b.N), "ms-plain")
				b.ReportMetric(times[1].Seconds()/times[0].Seconds(), "plain/gzip")
			})
		}
	}
}

func rowsOver(b *testing.B, cfg transport.Config) engine.Stmt {
	d := hrana.New(cfg)
	b.Cleanup(func() { d.Close() })
	c, err := d.Connect(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	if err := c.Ping(b.Context()); err != nil { // finds out whether the server has protobuf
		b.Fatal(err)
	}
	s, err := c.Prepare(b.Context(), &sqltext.Statement{Kind: sqltext.Read, Params: []string{""}, Text: `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		SELECT i, 'https://example.com/' || hex(sin(i)), 'The title of page ' || i, i * 0.37, 1700000000 + i * 7919 FROM n`})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func readRows(b *testing.B, s engine.Stmt, want int64) {
	rows, err := s.Query(b.Context(), []driver.Value{want})
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	dest, n := make([]driver.Value, 5), int64(0)
	for ; err == nil; n++ {
		err = rows.Next(dest)
	}
	if err != io.EOF || n-1 != want {
		b.Fatalf("%d rows and %v, want %d", n-1, err, want)
	}
}

// startRelay starts a relay to addr with limited bandwidth for answers. It delays requests by 2 ms, so
// that the server doesn't count as one in the same data center.
func startRelay(b *testing.B, addr string, bits float64) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", addr)
			if err != nil {
				client.Close()
				return
			}
			go relayBytes(server, client, func(int) time.Duration { return 2 * time.Millisecond })
			go relayBytes(client, server, func(n int) time.Duration { return time.Duration(float64(8*n) / bits * 1e9) })
		}
	}()
	return l.Addr().String()
}

func relayBytes(to, from net.Conn, takes func(n int) time.Duration) {
	defer to.Close()
	for buffer := make([]byte, 64<<10); ; {
		n, err := from.Read(buffer)
		if n > 0 {
			time.Sleep(takes(n))
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
