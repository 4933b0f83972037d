package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// fillLarge fills a file with rows of about 500 bytes.
func fillLarge(t testing.TB, pool *sql.DB, bytes int) {
	t.Helper()
	execute(t, pool, "CREATE TABLE large (id INTEGER PRIMARY KEY, name TEXT, score REAL, body BLOB, n INT); CREATE INDEX by_name ON large (name)")
	for first := 0; first < bytes/500; first += 10_000 {
		_, err := pool.ExecContext(t.Context(), `WITH RECURSIVE i (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM i WHERE i < ?1 + 9999)
			INSERT INTO large SELECT i, 'the name of row ' || i, i / 7.0, randomblob(200 + i % 450), i * 37 FROM i`, first)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func init() {
	// The argument is two URLs. The answer has the highest memory of the process.
	orders["copy-large"] = func(ctx context.Context, argument string) error {
		from, to, _ := strings.Cut(argument, " ")
		return withPools(ctx, from, to, func(source, target *sql.DB) error { return db.Copy(ctx, source, target) })
	}
	orders["backup-large"] = func(ctx context.Context, argument string) error {
		from, to, _ := strings.Cut(argument, " ")
		pool, err := db.Open(ctx, from)
		if err != nil {
			return err
		}
		defer pool.Close()
		return measured(func() error { return db.Backup(ctx, pool, to) })
	}
	orders["plain-large"] = func(ctx context.Context, argument string) error {
		from, to, _ := strings.Cut(argument, " ")
		return withPools(ctx, from, to, func(source, target *sql.DB) error { return plainCopy(ctx, source, target, to) })
	}
}

func withPools(ctx context.Context, from, to string, do func(source, target *sql.DB) error) error {
	source, err := db.Open(ctx, from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := db.Open(ctx, to)
	if err != nil {
		return err
	}
	defer target.Close()
	return measured(func() error { return do(source, target) })
}

// measured returns an error with the time that do takes and the memory of the process, if do succeeds.
func measured(do func() error) error {
	start := time.Now()
	if err := do(); err != nil {
		return err
	}
	return fmt.Errorf("done in %.1f s with %d MiB", time.Since(start).Seconds(), highestMemory()>>20)
}

// highestMemory returns the largest resident memory of the process so far, on Linux, or 0.
func highestMemory() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

// plainCopy does what a dump does: one INSERT for each row, 1,000 of them in a request and a transaction.
func plainCopy(ctx context.Context, source, target *sql.DB, url string) error {
	if _, err := target.ExecContext(ctx, "CREATE TABLE large (id INTEGER PRIMARY KEY, name TEXT, score REAL, body BLOB, n INT); CREATE INDEX by_name ON large (name)"); err != nil {
		return err
	}
	rows, err := source.QueryContext(ctx, "SELECT * FROM large")
	if err != nil {
		return err
	}
	defer rows.Close()
	type value struct {
		Type   string `json:"type"`
		Value  any    `json:"value,omitempty"`
		Base64 string `json:"base64,omitempty"`
	}
	var requests []any
	execute := func(text string, args ...value) {
		args = append([]value{}, args...) // not null
		requests = append(requests, map[string]any{"type": "execute", "stmt": map[string]any{"sql": text, "args": args}})
	}
	send := func() error {
		execute("COMMIT")
		body, err := json.Marshal(map[string]any{"requests": append(requests, map[string]any{"type": "close"})})
		if err != nil {
			return err
		}
		requests = nil
		answer, err := http.Post(url+"/v2/pipeline", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		var results struct{ Results []struct{ Type string } }
		if err := json.NewDecoder(answer.Body).Decode(&results); err != nil {
			return err
		}
		for _, result := range results.Results {
			if result.Type != "ok" {
				return fmt.Errorf("a statement failed")
			}
		}
		return nil
	}
	for rows.Next() {
		var id, n int64
		var name string
		var score float64
		var body []byte
		if err := rows.Scan(&id, &name, &score, &body, &n); err != nil {
			return err
		}
		if len(requests) == 0 {
			execute("BEGIN")
		}
		execute("INSERT INTO large VALUES (?, ?, ?, ?, ?)", value{"integer", strconv.FormatInt(id, 10), ""}, value{"text", name, ""},
			value{"float", score, ""}, value{"blob", nil, base64.StdEncoding.EncodeToString(body)}, value{"integer", strconv.FormatInt(n, 10), ""})
		if len(requests) > 1000 {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil || len(requests) == 0 {
		return err
	}
	return send()
}

// TestLargeCopy copies a file of 1 GiB to a server and back, in bounded memory, and makes backups of both. It prints the times, and the time of a
// plain loop of inserts.
func TestLargeCopy(t *testing.T) {
	if !soaks {
		t.Skip("takes some minutes; make soak runs it")
	}
	const size, bound = 1 << 30, 256 << 20
	dir := t.TempDir()
	path := filepath.Join(dir, "large.db")
	pool := open(t, path)
	fillLarge(t, pool, size)
	must(t, pool.Close())
	info, err := os.Stat(path)
	must(t, err)
	var requests atomic.Int64
	count := func(url string) string {
		return startProxy(t, url, func(p *proxy, w http.ResponseWriter, r *http.Request, _ []byte) {
			requests.Add(1)
			p.forward.ServeHTTP(w, r)
		}).URL
	}
	server := dbtest.StartServer(t).URL()
	run := func(what, command, from, to string) {
		before := requests.Load()
		answer := order(t, startChildren(t, 1), command, from+" "+to)[0]
		var seconds float64
		var memory int64
		if _, err := fmt.Sscanf(answer, "done in %f s with %d MiB", &seconds, &memory); err != nil {
			t.Fatalf("%s: %s", what, answer)
		}
		t.Logf("%s of %d MiB: %.1f s, %d requests, at most %d MiB of memory", what, info.Size()>>20, seconds, requests.Load()-before, memory)
		if memory<<20 > bound && command != "plain-large" {
			t.Errorf("%s: %d MiB of memory, want at most %d", what, memory, bound>>20)
		}
	}
	run("file to server", "copy-large", path, count(server))
	run("plain loop, without a comparison", "plain-large", path, count(dbtest.StartServer(t).URL()))
	back := filepath.Join(dir, "back.db")
	run("server to file", "copy-large", count(server), back)
	run("complete copy compared again", "copy-large", path, back)
	run("backup of the file", "backup-large", path, filepath.Join(dir, "backup1.db"))
	run("backup of the server", "backup-large", count(server), filepath.Join(dir, "backup2.db"))
}

// BenchmarkBackupWriters measures 8 writers of a file of 100 MiB with and without a backup that runs all the time.
func BenchmarkBackupWriters(b *testing.B) {
	pool := dbtest.OpenTemp(b, nil)
	fillLarge(b, pool, 100<<20)
	for b.Loop() {
		for name, backup := range map[string]bool{"alone": false, "backup": true} {
			ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
			backups := 0
			var group sync.WaitGroup
			if backup {
				group.Go(func() {
					for ctx.Err() == nil {
						if db.Backup(ctx, pool, filepath.Join(b.TempDir(), "backup.db")) == nil {
							backups++
						}
					}
				})
			}
			times := make([][]time.Duration, 8)
			for i := range times {
				group.Go(func() {
					for n := i; ctx.Err() == nil; n += 8 {
						start := time.Now()
						if _, err := pool.ExecContext(ctx, "UPDATE large SET n = n + 1 WHERE id = ?", n*7919%100_000); err == nil {
							times[i] = append(times[i], time.Since(start))
						}
					}
				})
			}
			group.Wait()
			cancel()
			all := slices.Sorted(slices.Values(slices.Concat(times...)))
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), name+"-p99-µs")
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), name+"-p50-µs")
			b.ReportMetric(float64(len(all))/5, name+"-writes/s")
			if backup {
				b.ReportMetric(float64(backups), "backups")
			}
		}
	}
}
