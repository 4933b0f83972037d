package faults_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/faults"
)

// TestSoak goes on for as long as DUOLITE_SOAK says, each round with another seed.
func TestSoak(t *testing.T) {
	duration := soakTime(t)
	all := &faults.Results{}
	defer func() { t.Logf("in all:\n%s", all.Table()) }()
	end := time.Now().Add(duration)
	part := min(duration/8, 5*time.Minute)
	for round := 1; time.Now().Before(end) && !t.Failed(); round++ {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) { soak(t, part, all) })
	}
}

// soakTime returns the time for a long test, which is skipped if there is none.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("DUOLITE_SOAK")
	if text == "" {
		t.Skip("DUOLITE_SOAK=duration isn't set")
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return duration
}

// soak runs all that is random, and ends what it started.
func soak(t *testing.T, part time.Duration, all *faults.Results) {
	run := func(name string, f func(t *testing.T) *faults.Results) {
		t.Run(name, func(t *testing.T) {
			r := f(t)
			all.Add(r)
			check(t, r)
		})
	}
	run("random", func(t *testing.T) *faults.Results {
		return faults.Random(t, target(t), faults.Ours(), faults.Options{Duration: 3 * part})
	})
	run("random, with locks kept", func(t *testing.T) *faults.Results {
		kept := target(t)
		kept.KeepLocks = true
		return faults.Random(t, kept, faults.Ours(), faults.Options{Duration: 2 * part, Workers: 2})
	})
	run("contention", func(t *testing.T) *faults.Results {
		return faults.Contention(t, target(t), faults.Ours(), faults.Options{Duration: part, Workers: 8})
	})
	run("crash", func(t *testing.T) *faults.Results {
		return faults.Crash(t, dbtest.StartServer(t), faults.Ours(), 1+int(part/time.Second), faults.Options{})
	})
	run("leaks", func(t *testing.T) *faults.Results {
		return faults.Leaks(t, target(t), faults.Ours(), 10_000)
	})
}
