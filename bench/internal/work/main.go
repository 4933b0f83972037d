package work

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// run distinguishes this process's bookmarks from other processes' bookmarks.
var run = fmt.Sprintf("%08x", rand.Uint32())

// A runner runs one workload.
type runner struct {
	store    Store
	duration time.Duration
	rows     int
	seeded   int
	rate     int           // writes a second beside readers, or 0 for as many as possible
	stdin    *bufio.Reader // nil if signals aren't used
	open     func() (Store, error)
}

var (
	// CacheMB is the page cache that a contestant gives each connection in its own way, in MB, or 0
	// for its default. It is set before a contestant opens a database.
	CacheMB int
	wide    bool // the bookmarks to add have long notes
)

// Main is the main function of a contestant. ways maps the name of each way to open a database
// to a function, which gets the path of a file or the URL of a server.
func Main(ways map[string]func(ctx context.Context, target string) (Store, error)) {
	var (
		way      = flag.String("way", "", "which of the ways to open the database")
		workload = flag.String("workload", "", "what to do")
		target   = flag.String("target", "", "a path or a URL")
		duration = flag.Duration("for", time.Second, "for how long")
		rows     = flag.Int("rows", 1, "how many rows an operation has")
		seeded   = flag.Int("seeded", 10_000, "how many rows there are")
		rate     = flag.Int("rate", 0, "how many writes a second there are beside readers (default as many as possible)")
		signals  = flag.Bool("signals", false, "say when the measured part begins and ends, and wait for a line")
		profiles = flag.String("profiles", "", "write profiles to this folder: cpu, allocs, mutex, block")
	)
	flag.IntVar(&CacheMB, "cache", 0, "how many MB of page cache each connection has")
	notes := flag.String("notes", "", "wide: the added bookmarks have long notes")
	flag.Parse()
	wide = *notes == "wide"
	var result Result
	err := func() error {
		open, ok := ways[*way]
		work, known := workloads[*workload]
		if !ok || !known {
			return fmt.Errorf("no way %q or no workload %q", *way, *workload)
		}
		ctx := context.Background()
		store, err := open(ctx, *target)
		if err != nil {
			return err
		}
		defer store.Close()
		r := &runner{store: store, duration: *duration, rows: *rows, seeded: *seeded, rate: *rate,
			open: func() (Store, error) { return open(ctx, *target) }}
		if *signals {
			r.stdin = bufio.NewReader(os.Stdin)
		}
		if *profiles != "" {
			stop, err := profile(*profiles)
			if err != nil {
				return err
			}
			defer stop()
		}
		if result, err = work(ctx, r); err != nil {
			return err
		}
		result.PeakKiB = peak()
		result.SQLite, err = store.Version(ctx)
		return err
	}()
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		result = Result{Error: text[:min(len(text), 200)]}
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// signal tells the benchmark's runner that the measured part begins or ends, and waits until
// the runner has read its counters.
func (r *runner) signal(what string) error {
	if r.stdin == nil {
		return nil
	}
	fmt.Println(what)
	_, err := r.stdin.ReadString('\n')
	return err
}
