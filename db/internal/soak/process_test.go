package soak_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// childEnv, when it is set, makes the test binary another process, with an errand.
const childEnv = "DUOLITE_SOAK_CHILD"

// An errand is what another process does: it writes operations, without an end, and
// prints what it knows of each as soon as it knows.
type errand struct {
	URL     string
	Local   bool
	First   int64 // the id of its first operation
	Seed    seed
	Writers int
	Ways    []string
}

// runErrand is the other process. It ends when its parent does, if not before.
func runErrand(text string) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var e errand
	err := json.Unmarshal([]byte(text), &e)
	if err == nil {
		err = e.write(context.Background())
	}
	fmt.Println("failed:", err)
	select {} // until it is killed
}

func (e errand) write(ctx context.Context) error {
	pool, err := db.Open(ctx, e.URL, options(e.Local)...)
	if err != nil {
		return err
	}
	var id atomic.Int64
	id.Store(e.First)
	failed := make(chan error)
	for i := range e.Writers {
		rng := e.Seed.rand(i)
		go func() {
			for {
				op := newOperation(rng, id.Add(1), e.Ways)
				err := op.write(ctx, pool)
				// One call of Write: what is in the pipe stays there when the process is gone.
				os.Stdout.WriteString(fateOf(err).line(op.id, op.rows))
				if err != nil && !e.excuses(err) {
					failed <- fmt.Errorf("%s: %w", op.way, err)
				}
			}
		}()
	}
	return <-failed
}

// excuses reports whether an error is no failure. A server has the lock of a program that
// was killed in a transaction until somebody waits for it for 5 s; of several who wait,
// some are told that it is locked, or nothing.
func (e errand) excuses(err error) bool {
	return !e.Local && (isOutage(err) || fateOf(err) == unknown)
}

// A moment is when a process is killed: once it has printed so many lines, and some
// time has passed.
type moment struct {
	lines int
	pause time.Duration
}

// runUntil starts a process, notes what it prints, and kills it.
func (e errand) runUntil(t *testing.T, m moment, l *ledger) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
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
	if err := cmd.Start(); err != nil {
		return err
	}
	var killed atomic.Bool
	kill := func() {
		killed.Store(true)
		cmd.Process.Kill()
	}
	err = m.watch(bufio.NewReader(out), kill, l)
	if err != nil {
		kill()
	}
	cmd.Wait() // its error is that it was killed
	if !killed.Load() && err == nil {
		return fmt.Errorf("the process ended by itself: %v", cmd.ProcessState)
	}
	return err
}

// watch notes each line, and calls kill when the moment has come.
func (m moment) watch(out *bufio.Reader, kill func(), l *ledger) error {
	for lines := 0; ; lines++ {
		if lines == m.lines {
			if m.pause == 0 {
				kill()
			} else {
				defer time.AfterFunc(m.pause, kill).Stop()
			}
		}
		line, err := out.ReadString('\n')
		if err != nil {
			return nil // the end; half a line isn't an acknowledgement
		}
		var f fate
		var id int64
		var rows int
		if _, err := fmt.Sscanln(line, &f, &id, &rows); err != nil {
			return fmt.Errorf("the process says %q", strings.TrimSpace(line))
		}
		l.note(id, rows, f)
	}
}
