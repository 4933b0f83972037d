package sqlite

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Whoever reads a file holds one of five shared locks, which says how much of the
// write-ahead log may be in use: the lock of a read mark. To take it and to give it back
// are two system calls, and much of the time of a small read (BenchmarkPoint, shared).
// SQLite may hold it for as long as it likes. So a connection that has read keeps it, and
// has it for the next read that wants the same. It gives it back
//
//   - when it wants another one;
//   - when a connection of this process wants the exclusive one, as a checkpoint does;
//   - when it hasn't read for a while (sweep);
//   - when somebody else has the log open, who can't ask for it (usedByOthers). A checkpoint of
//     theirs would find a mark in use that lies behind their last commit, each time
//     anew, and the log would only grow. While they are there, nothing is kept.
//
// https://sqlite.org/walformat.html#wal_locks

// firstReadLock is the first of the locks of read marks.
const firstReadLock = 3

const (
	// sweepEvery is how often it is looked, while there are reads, at what is kept: a
	// lock is kept for less than twice as long without a read, and for less than that
	// after somebody else has come.
	sweepEvery = 10 * time.Millisecond
	// sweepsAfterOthers is how many sweeps nothing is kept after somebody else was
	// seen, who may come again and again.
	sweepsAfterOthers = 100
)

// A reader is a connection that uses a file's log.
type reader struct {
	file uintptr
	log  *readLog

	mu   sync.Mutex
	kept int32 // the lock that it keeps, or 0
	used bool  // since the last sweep
}

var readers handles[reader]

// keep keeps a lock that SQLite gives back, if it may be kept.
func (r *reader) keep(lock int32) bool {
	defer sweepLater()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept != 0 || !r.log.alone.Load() {
		return false
	}
	r.kept, r.used = lock, true
	return true
}

// retake reports whether a lock that SQLite wants is the one that is kept. Another one
// is given back.
func (r *reader) retake(tls *libc.TLS, lock int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == lock {
		r.kept = 0
		return true
	}
	r.release(tls)
	return false
}

// release gives back the lock that is kept, if there is one. The caller has r.mu.
func (r *reader) release(tls *libc.TLS) {
	if r.kept != 0 {
		diskShm(r.file).lock(tls, r.kept, 1, sqlite3.SQLITE_SHM_UNLOCK|sqlite3.SQLITE_SHM_SHARED)
		r.kept = 0
	}
}

// leave is for a reader that uses the log no longer.
func (r *reader) leave(tls *libc.TLS) {
	readLogs.Lock()
	defer readLogs.Unlock()
	r.log.remove(r)
	if len(r.log.readers) == 0 {
		delete(readLogs.byAddress, r.log.address)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.release(tls)
}

// A readLog is the log of a file that this process has open.
type readLog struct {
	address uintptr     // of its shared memory
	alone   atomic.Bool // nobody but readers uses it, for all that is known

	mu      sync.Mutex
	readers []*reader
	wait    int // for so many sweeps, until it is alone
}

// readLogs are all of them. A log's readers are removed before its memory is.
var readLogs = struct {
	sync.Mutex
	byAddress map[uintptr]*readLog
}{byAddress: map[uintptr]*readLog{}}

// joinLog returns a new reader of the log whose shared memory is at address.
func joinLog(file, address uintptr) *reader {
	readLogs.Lock()
	defer readLogs.Unlock()
	l := readLogs.byAddress[address]
	if l == nil {
		l = &readLog{address: address}
		readLogs.byAddress[address] = l
	}
	r := &reader{file: file, log: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readers = append(l.readers, r); len(l.readers) == 1 {
		l.alone.Store(!usedByOthers(file, 1))
	}
	sweepIsDue.Store(false) // if it was due in a test's bubble (testing/synctest), it ended with that
	return r
}

func (l *readLog) remove(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.readers, r)
	l.readers = slices.Delete(l.readers, i, i+1)
}

// release makes all readers give back n locks, from the first one, that they keep.
func (l *readLog) release(tls *libc.TLS, first, n int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.readers {
		r.mu.Lock()
		if first <= r.kept && r.kept < first+n {
			r.release(tls)
		}
		r.mu.Unlock()
	}
}

// sweep makes readers give back what they didn't use since the last sweep, or all if
// others use the log. It reports whether there is something to give back later.
func (l *readLog) sweep(tls *libc.TLS) (later bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	alone := l.isAlone()
	l.alone.Store(alone) // before the locks: who keeps one after its turn, knows
	for _, r := range l.readers {
		r.mu.Lock()
		if alone && r.used {
			r.used = false
			later = later || r.kept != 0
		} else {
			r.release(tls)
		}
		r.mu.Unlock()
	}
	return later
}

// isAlone looks whether others use the log, or did a short while ago. The caller has l.mu.
func (l *readLog) isAlone() bool {
	switch {
	case usedByOthers(l.readers[0].file, len(l.readers)):
		l.wait = sweepsAfterOthers
	case l.wait > 0:
		l.wait--
	}
	return l.wait == 0
}

// sweepIsDue says that a sweep comes without being asked for.
var sweepIsDue atomic.Bool

// sweepLater has a sweep done in time. It is called at the end of each read.
func sweepLater() {
	if !sweepIsDue.Load() && sweepIsDue.CompareAndSwap(false, true) {
		time.AfterFunc(sweepEvery, sweepReadLocks)
	}
}

func sweepReadLocks() {
	tls := libc.NewTLS()
	defer tls.Close()
	sweepIsDue.Store(false) // first: who keeps a lock while this goes on may have been passed by
	readLogs.Lock()
	defer readLogs.Unlock()
	later := false
	for _, l := range readLogs.byAddress {
		later = l.sweep(tls) || later
	}
	if later {
		sweepLater()
	}
}
