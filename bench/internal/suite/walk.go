package suite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/duolite/duolite/db"
)

// A Walk is what a program with a replica saw while its network was cut and came back. Times are in
// seconds from the beginning.
type Walk struct {
	Machine Machine   `json:"machine"`
	Started time.Time `json:"started"`
	Moments []Moment  `json:"moments"`
	Steps   []Step    `json:"steps"`
	// WriteError is the error of the write without a network, a db.ErrUnavailable, and WriteFailed its time.
	WriteError  string  `json:"write_error"`
	WriteFailed float64 `json:"write_failed"`
	// Missed is the number of transactions that the replica lacked when the network was back, and
	// CaughtUp how long db.Sync took to bring them.
	Missed   int     `json:"missed"`
	CaughtUp float64 `json:"caught_up"`
	// OwnWrite is the time of a write on the server and a read that saw it.
	OwnWrite float64 `json:"own_write"`
}

// A Moment is an event.
type Moment struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// A Step is what was read in stepTime.
type Step struct {
	At float64 `json:"at"`
	// Lag is the largest age of a transaction that had returned on the server, and that a read didn't
	// see.
	Lag float64 `json:"lag"`
	// Read and Slowest are the median and the largest time of a read.
	Read    float64 `json:"read"`
	Slowest float64 `json:"slowest"`
	Reads   int     `json:"reads"`
	Stale   int     `json:"stale"` // reads with a lag
	Errors  int     `json:"errors"`
}

const (
	stepTime  = 50 * time.Millisecond
	readPause = time.Millisecond
	tickPause = 10 * time.Millisecond
)

// A walker is a walk in progress.
type walker struct {
	walk   *Walk
	dir    string
	server *sql.DB // another program's pool
	pool   *sql.DB // with the replica
	link   *link

	mu    sync.Mutex
	ticks []time.Time // when the other program's transactions returned
}

// MeasureWalk goes through a day of a replica: the network is there, is cut, and comes back. All the time
// another program writes on the server, and this one reads.
func MeasureWalk(ctx context.Context) (_ *Walk, err error) {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(bin, "walk-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	server, err := startServer(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	w := &walker{walk: &Walk{Machine: thisMachine(ctx)}, dir: dir}
	if w.server, err = db.Open(ctx, server.url()); err != nil {
		return nil, err
	}
	defer w.server.Close()
	if _, err := w.server.ExecContext(ctx, "CREATE TABLE ticks (id INTEGER PRIMARY KEY, at TEXT DEFAULT current_timestamp); CREATE TABLE own (a)"); err != nil {
		return nil, err
	}
	if w.link, err = startLink(server.addr); err != nil {
		return nil, err
	}
	defer w.link.cut()
	replica := "http://" + w.link.addr + "?replica=" + url.QueryEscape(filepath.Join(dir, "app.db"))
	if w.pool, err = db.Open(ctx, replica); err != nil {
		return nil, err
	}
	defer w.pool.Close()
	return w.walk, w.run(ctx)
}

// run writes and reads in the background, and goes from moment to moment.
func (w *walker) run(ctx context.Context) error {
	w.walk.Started = time.Now().Add(500 * time.Millisecond)
	background, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	var writeErr error
	group.Go(func() { writeErr = w.write(background) })
	group.Go(func() { w.read(background) })
	w.sleep(ctx, time.Until(w.walk.Started))
	err := w.moments(ctx)
	stop()
	group.Wait()
	w.walk.Steps = slices.DeleteFunc(w.walk.Steps, func(s Step) bool { return s.At < 0 })
	return errors.Join(err, writeErr, ctx.Err())
}

func (w *walker) moments(ctx context.Context) error {
	w.sleep(ctx, 2*time.Second)
	w.mark("the network is cut")
	w.link.cut()
	w.sleep(ctx, 2*time.Second)
	w.mark("a write fails")
	begun := time.Now()
	_, err := w.pool.ExecContext(ctx, "INSERT INTO own VALUES (1)")
	if !errors.Is(err, db.ErrUnavailable) {
		return fmt.Errorf("a write without a network: %w, want %w", err, db.ErrUnavailable)
	}
	w.walk.WriteFailed = time.Since(begun).Seconds()
	w.walk.WriteError = strings.ReplaceAll(err.Error(), w.dir+string(filepath.Separator), "")
	if state, err := db.ReplicaStatus(ctx, w.pool); err != nil || state.Err == nil {
		return fmt.Errorf("the status without a network: %+v, %w", state, err)
	}
	w.sleep(ctx, 2*time.Second)
	return w.back(ctx)
}

// back brings the network back.
func (w *walker) back(ctx context.Context) error {
	before, err := w.seen(ctx)
	if err != nil {
		return err
	}
	w.mark("the network is back")
	if err := w.link.restore(); err != nil {
		return err
	}
	begun := time.Now()
	if _, err := db.Sync(ctx, w.pool); err != nil {
		return err
	}
	w.walk.CaughtUp = time.Since(begun).Seconds()
	after, err := w.seen(ctx)
	if err != nil {
		return err
	}
	w.walk.Missed = after - before
	w.sleep(ctx, time.Second)
	w.mark("a write, and a read that sees it")
	begun = time.Now()
	var n int
	if _, err = w.pool.ExecContext(ctx, "INSERT INTO own VALUES (2)"); err == nil {
		err = w.pool.QueryRowContext(ctx, "SELECT count(*) FROM own").Scan(&n)
	}
	w.walk.OwnWrite = time.Since(begun).Seconds()
	if err == nil && n != 1 {
		err = fmt.Errorf("%d rows of the program's own, want 1", n)
	}
	w.sleep(ctx, time.Second)
	return err
}

func (w *walker) now() float64 { return time.Since(w.walk.Started).Seconds() }

func (w *walker) mark(text string) {
	w.walk.Moments = append(w.walk.Moments, Moment{w.now(), text})
}

func (w *walker) sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// write is the other program.
func (w *walker) write(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := w.server.ExecContext(ctx, "INSERT INTO ticks DEFAULT VALUES"); err != nil && ctx.Err() == nil {
			return err
		}
		w.mu.Lock()
		w.ticks = append(w.ticks, time.Now())
		w.mu.Unlock()
		w.sleep(ctx, tickPause)
	}
	return nil
}

// seen returns the number of the other program's transactions that a read sees.
func (w *walker) seen(ctx context.Context) (n int, err error) {
	return n, w.pool.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM ticks").Scan(&n)
}

// read reads all the time.
func (w *walker) read(ctx context.Context) {
	for ctx.Err() == nil {
		step, times := Step{At: w.now()}, []float64{}
		for end := time.Now().Add(stepTime); time.Now().Before(end); w.sleep(ctx, readPause) {
			begun := time.Now()
			n, err := w.seen(ctx)
			if err != nil {
				step.Errors++
				continue
			}
			times = append(times, time.Since(begun).Seconds())
			if lag := w.lag(begun, n); lag > 0 {
				step.Stale++
				step.Lag = max(step.Lag, lag)
			}
		}
		if step.Reads = len(times); step.Reads > 0 && ctx.Err() == nil {
			step.Read, step.Slowest = median(times), slices.Max(times)
			w.walk.Steps = append(w.walk.Steps, step)
		}
	}
}

// lag returns the age of the oldest transaction, at a time, that n don't include.
func (w *walker) lag(at time.Time, n int) float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.ticks) {
		return 0
	}
	return max(at.Sub(w.ticks[n]).Seconds(), 0)
}

// Write writes the walk to a file.
func (w *Walk) Write(path string) error {
	data, err := json.MarshalIndent(w, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// ReadWalk reads a walk from a file.
func ReadWalk(path string) (*Walk, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	w := &Walk{}
	return w, json.Unmarshal(data, w)
}
