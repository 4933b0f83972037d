// Package copying is the common part of the programs that measure embedded replicas.
package copying

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/duolite/duolite/db"
)

// A Replica is an open replica.
type Replica struct {
	Pool  *sql.DB
	Sync  func(context.Context) error
	Close func() error
}

// A Figures is the result of a run. Times are in milliseconds.
type Figures struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
	P50  float64 `json:"p50,omitempty"`
	P99  float64 `json:"p99,omitempty"`
	Max  float64 `json:"max,omitempty"`
	// PeakMiB is the process's peak memory.
	PeakMiB float64 `json:"peak_mib"`
	// State is the result of check.
	State *State `json:"state,omitempty"`
	Error string `json:"error,omitempty"`
}

// Main is the main function of a program.
func Main(open func(ctx context.Context, url, path string) (*Replica, error)) {
	var (
		do    = flag.String("do", "", "open, catchup, lag, reads, check, follow or offline")
		url   = flag.String("url", "", "the server")
		path  = flag.String("path", "", "the file of the copy")
		rows  = flag.Int("rows", 0, "rows that the copy must have in the end, or to read")
		times = flag.Int("times", 100, "how often")
	)
	flag.Parse()
	log.SetOutput(os.Stderr)
	r := runner{open: open, url: *url, path: *path, rows: *rows, times: *times}
	does := map[string]func(context.Context) (Figures, error){
		"open": r.first, "catchup": r.first, "lag": r.lag, "reads": r.reads,
		"check": r.check, "follow": r.follow, "offline": r.offline,
	}
	work := does[*do]
	if work == nil {
		log.Fatalf("what is %q?", *do)
	}
	figures, err := work(context.Background())
	if err != nil {
		figures.Error = err.Error()
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil {
		figures.PeakMiB = float64(usage.Maxrss) / 1024
		figures.CPU = millis(time.Duration(usage.Utime.Nano() + usage.Stime.Nano()))
	}
	if err := json.NewEncoder(os.Stdout).Encode(figures); err != nil {
		log.Fatal(err)
	}
}

type runner struct {
	open      func(ctx context.Context, url, path string) (*Replica, error)
	url, path string
	rows      int
	times     int
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// first opens the copy and waits until it has all rows.
func (r *runner) first(ctx context.Context) (f Figures, err error) {
	start := time.Now()
	c, err := r.open(ctx, r.url, r.path)
	if err != nil {
		return f, err
	}
	defer c.Close()
	if err := c.Sync(ctx); err != nil {
		return f, err
	}
	var n int
	if err := c.Pool.QueryRowContext(ctx, "SELECT count(*) FROM bookmarks").Scan(&n); err != nil {
		return f, err
	}
	if n != r.rows {
		err = fmt.Errorf("%d rows, want %d", n, r.rows)
	}
	f.Wall = millis(time.Since(start))
	return f, err
}

// lag writes on the server by another connection, and measures the time from the reply until the
// copy has the row after a Sync.
func (r *runner) lag(ctx context.Context) (f Figures, err error) {
	c, err := r.open(ctx, r.url, r.path)
	if err != nil {
		return f, err
	}
	defer c.Close()
	writer, err := db.Open(ctx, r.url)
	if err != nil {
		return f, err
	}
	defer writer.Close()
	var all []time.Duration
	start := time.Now()
	for i := range r.times {
		id := 1_000_000_000 + i
		if _, err := writer.ExecContext(ctx, "INSERT INTO bookmarks (id, url, title, visits, score, created_at) VALUES (?, ?, '', 0, 0, 0)", id, fmt.Sprint("https://lag.example/", rand.Uint64())); err != nil {
			return f, err
		}
		replied := time.Now()
		var found int
		for found == 0 {
			if err := c.Sync(ctx); err != nil {
				return f, err
			}
			if err := c.Pool.QueryRowContext(ctx, "SELECT count(*) FROM bookmarks WHERE id = ?", id).Scan(&found); err != nil {
				return f, err
			}
		}
		all = append(all, time.Since(replied))
	}
	f.Wall = millis(time.Since(start)) / float64(r.times)
	f.set(all)
	return f, nil
}

func (f *Figures) set(all []time.Duration) {
	slices.Sort(all)
	f.P50, f.P99, f.Max = millis(all[len(all)/2]), millis(all[len(all)*99/100]), millis(all[len(all)-1])
}

// reads reads rows by their ids while others write on the server.
func (r *runner) reads(ctx context.Context) (f Figures, err error) {
	c, err := r.open(ctx, r.url, r.path)
	if err != nil {
		return f, err
	}
	defer c.Close()
	var all []time.Duration
	start := time.Now()
	for range r.times {
		at := time.Now()
		var title string
		if err := c.Pool.QueryRowContext(ctx, "SELECT title FROM bookmarks WHERE id = ?", 1+rand.IntN(r.rows)).Scan(&title); err != nil {
			return f, err
		}
		all = append(all, time.Since(at))
	}
	f.Wall = millis(time.Since(start)) / float64(r.times)
	f.set(all)
	return f, nil
}
