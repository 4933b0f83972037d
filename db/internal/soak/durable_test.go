package soak_test

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
)

// TestAcknowledgedIsDurable kills programs while they write. Whatever they printed, they
// did so after the database had acknowledged it.
func TestAcknowledgedIsDurable(t *testing.T) {
	t.Parallel()
	// Each program that is started finds a file that nobody has open, and what the last
	// one left of it.
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		testKills(t, newFile(t), 1)
	})
	// The others go on while one of them is gone.
	t.Run("file of three", func(t *testing.T) {
		t.Parallel()
		testKills(t, newFile(t), 3)
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		testKills(t, newServer(t), 2)
	})
}

// testKills has so many programs at a time at work.
func testKills(t *testing.T, d dbtest.Database, programs int) {
	s, l := newSeed(t), newLedger()
	kills := int64(killCount(t))
	open(t, d, writtenSchema...).Close() // the programs are to be alone with the file
	const between = 100
	for first := int64(0); first < kills; first += between {
		killMany(t, d, s, first, min(first+between, kills), programs, l)
		if t.Failed() {
			return
		}
		pool := open(t, d)
		l.check(t, pool)
		pool.Close()
	}
}

// killMany starts and kills the programs with numbers from first to end.
func killMany(t *testing.T, d dbtest.Database, s seed, first, end int64, programs int, l *ledger) {
	var next atomic.Int64
	next.Store(first)
	together(programs, func(int) {
		for !t.Failed() {
			number := next.Add(1) - 1
			if number >= end {
				return
			}
			rng := s.rand(int(number))
			e := newErrand(d, rng, number)
			if err := e.runUntil(t, newMoment(rng), l); err != nil {
				t.Errorf("program %d: %v", number, err)
			}
		}
	})
}

// newErrand decides what a program does. A server keeps the transaction of a program
// that is gone for 5 s when others want its lock, so few of them leave one.
func newErrand(d dbtest.Database, rng *rand.Rand, number int64) errand {
	ways := oneRequest
	if d.Local() || number%20 == 10 {
		ways = slices.Concat(oneRequest, severalRequests)
	}
	return errand{
		URL:     d.URL,
		Local:   d.Local(),
		First:   number * 1_000_000,
		Seed:    seed(rng.Uint64()),
		Writers: 1 + rng.IntN(4),
		Ways:    ways,
	}
}

// newMoment decides when a program is killed: while it starts, which is when it cleans
// up after another; right after an acknowledgement; or at any time.
func newMoment(rng *rand.Rand) moment {
	switch rng.IntN(3) {
	case 0:
		return moment{0, pause(rng, 100*time.Millisecond)}
	case 1:
		return moment{1 + rng.IntN(100), 0}
	default:
		return moment{1, pause(rng, 100*time.Millisecond)}
	}
}
