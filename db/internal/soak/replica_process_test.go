package soak_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// replicaEnv, when it is set, makes the test binary another process, with a replica.
const replicaEnv = "DUOLITE_SOAK_REPLICA"

// A followErrand is what another process does: it opens a replica, reads states and writes numbers of its
// own, without an end, and prints what it has seen.
type followErrand struct {
	URL, Path string
	Poll      time.Duration
	Program   int
	Seed      seed
}

// A report is a line of a process.
type report struct {
	N      int    // the state
	Frames uint64 // of the replica, before the state was read
}

// runFollowErrand is the other process. It ends when its parent does, if not before.
func runFollowErrand(text string) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var e followErrand
	err := json.Unmarshal([]byte(text), &e)
	if err == nil {
		err = e.follow(context.Background())
	}
	fmt.Println("failed:", err)
	select {} // until it is killed
}

func (e followErrand) follow(ctx context.Context) error {
	pool, err := db.Open(ctx, withReplica(e.URL, e.Path), append(options(true), db.WithReplicaPoll(e.Poll))...)
	if err != nil {
		return err
	}
	v, err := newViewer(ctx, pool)
	if err != nil {
		return err
	}
	rng := e.Seed.rand(0)
	for turn := 1; ; turn++ {
		at, err := db.ReplicaStatus(ctx, pool)
		if err != nil {
			return err
		}
		s, err := v.look(ctx, rng)
		if err != nil {
			return err
		}
		line, _ := json.Marshal(report{s.n, at.Frames})
		fmt.Println(string(line))
		if turn%20 == 0 {
			err = integrity(ctx, pool)
		} else if turn%4 == 0 {
			err = e.writeOwn(ctx, pool)
		}
		if err != nil {
			return err
		}
	}
}

// writeOwn writes, and reads what it has written.
func (e followErrand) writeOwn(ctx context.Context, pool *sql.DB) error {
	var wrote, is int
	const update = "UPDATE own SET n = n + 1 WHERE program = ? RETURNING n"
	err := pool.QueryRowContext(ctx, update, e.Program).Scan(&wrote)
	if err != nil {
		if isOutage(err) { // a server refuses writes at times, with nothing wrong: see TestContention
			return nil
		}
		return err
	}
	err = pool.QueryRowContext(ctx, "SELECT n FROM own WHERE program = ?", e.Program).Scan(&is)
	if err == nil && is != wrote {
		err = fmt.Errorf("the replica has the number %d after the write of %d", is, wrote)
	}
	return err
}

// TestReplicaProcesses kills processes that follow a server, which go on where they were, alone and with
// others on the same file.
func TestReplicaProcesses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		programs int
		poll     time.Duration
	}{
		{"one", 1, 0},
		{"two", 2, 0},
		{"two that poll", 2, time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			newFollowers(t, tt.programs, tt.poll).run(killCount(t) / 2)
		})
	}
}

// followers are processes with one replica.
type followers struct {
	t        *testing.T
	seed     seed
	url      string
	path     string
	programs int
	poll     time.Duration
	server   *sql.DB

	mu   sync.Mutex
	last report // the furthest that any process has printed
}

func newFollowers(t *testing.T, programs int, poll time.Duration) *followers {
	t.Helper()
	p := newPrimary(t, smallLog)
	f := &followers{
		t: t, seed: newSeed(t), url: p.URL(), path: filepath.Join(t.TempDir(), "replica.db"), programs: programs, poll: poll,
		server: open(t, p.database(), worldSchema...),
	}
	execute(t, f.server, "CREATE TABLE own (program INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
	for program := range programs {
		execute(t, f.server, fmt.Sprintf("INSERT INTO own VALUES (%d, 0)", program))
	}
	return f
}

// run kills so many processes while the server gets new states.
func (f *followers) run(kills int) {
	var writer sync.WaitGroup
	var stop atomic.Bool
	writer.Go(func() {
		for rng := f.seed.rand(-1); !stop.Load() && !f.t.Failed(); {
			if _, err := nextState(f.t.Context(), f.server, rng); err != nil && !isOutage(err) {
				f.t.Errorf("write: %v", err)
			}
		}
	})
	var next atomic.Int64
	together(f.programs, func(program int) {
		for !f.t.Failed() {
			number := int(next.Add(1))
			if number > kills {
				return
			}
			if err := f.runOne(program, number); err != nil {
				f.t.Errorf("process %d: %v", number, err)
			}
		}
	})
	stop.Store(true)
	writer.Wait()
	pool := openReplica(f.t, f.url, f.path)
	checkSame(f.t, pool, f.server)
	f.t.Logf("%d processes were killed, the last report was %+v", kills, f.last)
}

// runOne runs a process until it is killed.
func (f *followers) runOne(program, number int) error {
	rng := f.seed.rand(number)
	text, err := json.Marshal(followErrand{f.url, f.path, f.poll, program, seed(rng.Uint64())})
	if err != nil {
		return err
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), replicaEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	f.mu.Lock()
	least := f.last
	f.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	err = f.watch(bufio.NewReader(out), rng, least, func() { cmd.Process.Kill() })
	cmd.Process.Kill()
	cmd.Wait() // its error is that it was killed
	return err
}

// watch reads the reports of a process, which go forward, and kills it: while it starts, or when it has
// reported something.
func (f *followers) watch(out *bufio.Reader, rng *rand.Rand, least report, kill func()) error {
	lines := rng.IntN(60)
	if lines < 10 {
		defer time.AfterFunc(pause(rng, 200*time.Millisecond), kill).Stop()
	}
	for line := 0; ; line++ {
		text, err := out.ReadBytes('\n')
		if err != nil {
			return nil // it was killed
		}
		var r report
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("the process says %q", text)
		}
		if r.N < least.N || r.Frames < least.Frames {
			return fmt.Errorf("the replica went back from %+v to %+v", least, r)
		}
		least = r
		f.mu.Lock()
		f.last = report{max(f.last.N, r.N), max(f.last.Frames, r.Frames)}
		f.mu.Unlock()
		if line == lines {
			kill()
		}
	}
}
