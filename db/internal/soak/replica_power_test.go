package soak_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
)

const (
	logHeader = 32
	logFrame  = 24 + pageSize
	pageSize  = 4096
)

// A powerCut is the files of a replica as they were, and the states by the number of frames.
type powerCut struct {
	t          *testing.T
	server     *primary
	states     map[uint64]int
	copied     int // the size of the log when it had the first copy
	file, log  []byte
	checkpoint []byte // the file after the log was copied to it
}

// TestReplicaPowerCut has a replica's log lose its end at each of its frames, and within it, as a power cut
// does to what the disk hasn't got yet. Content and position are of the same commit, and the replica goes
// on from there.
func TestReplicaPowerCut(t *testing.T) {
	t.Parallel()
	c := newPowerCut(t, newSeed(t).rand(0))
	rng := newSeed(t).rand(1)
	opened := map[int]bool{}
	for at := logHeader; at <= len(c.log); at += logFrame {
		for _, rest := range []int{0, 1 + rng.IntN(logFrame-1)} {
			end := min(at+rest, len(c.log))
			opened[c.check(c.file, c.log[:end], end)] = true
			if rng.IntN(8) == 0 { // the file system has the size of the log, and not its content
				c.check(c.file, append(bytes.Clone(c.log[:end]), make([]byte, len(c.log)-end)...), end)
			}
		}
	}
	for range 10 { // cut within the checkpoint
		c.check(mix(rng, c.file, c.checkpoint), c.log, len(c.log))
	}
	if len(opened) < 10 {
		t.Errorf("only %d states were found: the test tests something else", len(opened))
	}
	t.Logf("%d states in %d frames", len(opened), len(c.log)/logFrame)
}

// newPowerCut makes a replica that has got many states in its log.
func newPowerCut(t *testing.T, rng *rand.Rand) *powerCut {
	t.Helper()
	c := &powerCut{t: t, server: newPrimary(t), states: map[uint64]int{}}
	server := open(t, c.server.database(), worldSchema...)
	path := filepath.Join(t.TempDir(), "replica.db")
	pool := openReplica(t, c.server.URL(), path)
	c.states[catchUp(t, pool).Frames] = 0
	c.copied = len(contentOf(t, path+"-wal"))
	for {
		n, err := nextState(t.Context(), server, rng)
		if err != nil {
			t.Fatal(err)
		}
		c.states[catchUp(t, pool).Frames] = n
		if c.log = contentOf(t, path+"-wal"); len(c.log) > 150*logFrame {
			break
		}
	}
	c.file = contentOf(t, path)
	pool.Close()
	c.checkpoint = contentOf(t, path)
	return c
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// mix returns a file of which some pages are the ones of after.
func mix(rng *rand.Rand, before, after []byte) []byte {
	mixed := append(bytes.Clone(before), make([]byte, max(0, len(after)-len(before)))...)
	for at := 0; at+pageSize <= len(after); at += pageSize {
		if rng.IntN(2) == 0 {
			copy(mixed[at:at+pageSize], after[at:])
		}
	}
	return mixed
}

// check opens the files without the server, and now and then with it. It returns the state, or -1 if the
// log doesn't have the first copy. intact is the size of the log that the disk had got.
func (c *powerCut) check(file, log []byte, intact int) (n int) {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "cut.db")
	for name, data := range map[string][]byte{path: file, path + "-wal": log} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	n, err := c.look(path)
	if err != nil && !(intact < c.copied && errors.Is(err, db.ErrUnavailable)) {
		c.t.Errorf("a log of %d of %d bytes: %v", intact, len(c.log), err)
	}
	if intact%7 == 0 {
		pool := openReplica(c.t, c.server.URL(), path)
		checkSame(c.t, pool, open(c.t, c.server.database()))
		pool.Close()
	}
	return n
}

func (c *powerCut) look(path string) (n int, err error) {
	ctx := c.t.Context()
	const nobody = "http://127.0.0.1:1"
	pool, err := db.Open(ctx, withReplica(nobody, path), options(true)...)
	if err != nil {
		return -1, fmt.Errorf("Open: %w", err) // without a copy it needs the server
	}
	defer pool.Close()
	at, err := db.ReplicaStatus(ctx, pool)
	if err != nil {
		return -1, err
	}
	want, known := c.states[at.Frames]
	if !known {
		return -1, fmt.Errorf("there was no state of %d frames", at.Frames)
	}
	s, err := readState(ctx, pool)
	if err == nil && s.n != want {
		err = fmt.Errorf("the state %d at the position %d, want %d", s.n, at.Frames, want)
	}
	if err != nil {
		return -1, err
	}
	return s.n, integrity(ctx, pool)
}
