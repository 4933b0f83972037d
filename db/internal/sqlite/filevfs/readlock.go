package filevfs

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A connection that reads a file holds one of five shared locks, the lock of a read mark, which
// says how much of the write-ahead log may be in use. To take it and to give it back are two
// system calls, and much of the time of a small read (BenchmarkPoint, shared). SQLite allows to
// hold it for any time. So a connection keeps the lock after a read, and has it for the next read
// that wants the same one. It gives the lock back
//
//   - when it wants another read lock;
//   - when a connection of this process wants the exclusive lock, as a checkpoint does, or at the end
//     of the read in which a checkpoint has wanted it;
//   - when it has not read for a while (sweep);
//   - when another process or another driver has the log open, which can't ask for the lock
//     (usedByOthers). Each of its checkpoints would find a mark in use that lies behind the last
//     commit, and the log would only grow. As long as it has the log open, no lock is kept.
//
// After a commit SQLite wants a mark at the new end of the log for its next read, which takes three
// system calls more. A mark before the end is as safe, and SQLite uses one if all others are in use:
// a checkpoint writes no pages behind it to the database. So a connection keeps its mark too, as long
// as that is near the end (keepsMark).
//
// https://sqlite.org/walformat.html#wal_locks

// firstReadLock is the first of the locks of read marks. It has no mark, and is for reads that don't use
// the log.
const firstReadLock = 3

// Where the shared memory has the number of frames in the log, and the read marks.
// https://sqlite.org/walformat.html#the_wal_index_file_format
const (
	endAt   = 16
	marksAt = 100
)

// nearEnd is the number of frames that a mark may be before the end of the log. During a read a checkpoint
// leaves so many frames more in the log, of the 1,000 after which SQLite begins one.
const nearEnd = 64

const (
	// sweepEvery is the time between two sweeps, while there are reads. A lock is kept for less
	// than twice as long after its last read, or after somebody else has opened the log.
	sweepEvery = 10 * time.Millisecond
	// sweepsAfterOthers is the number of sweeps without kept locks after another process had the
	// log open, which may open it again and again.
	sweepsAfterOthers = 100
)

// A reader is a connection that uses a file's log.
type reader struct {
	file uintptr
	log  *readLog

	mu   sync.Mutex
	kept int32 // the kept lock, or 0
	used bool  // whether a read has ended since the last sweep
	give bool  // whether the next lock that SQLite gives back isn't kept, because a checkpoint has wanted it

	checkpointing bool // whether the connection runs a checkpoint, which sets marks for another reason
}

var readers vfs.Handles[reader]

// keep keeps a lock that SQLite gives back, if it may be kept.
func (r *reader) keep(lock int32) bool {
	defer sweepLater()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept != 0 || r.give || !r.log.alone.Load() {
		r.give = false
		return false
	}
	r.kept, r.used = lock, true
	return true
}

// reuse reports whether a lock that SQLite wants is the kept one, which is then SQLite's again.
// Any other kept lock is given back.
func (r *reader) reuse(tls *libc.TLS, lock int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == lock {
		r.kept = 0
		return true
	}
	r.release(tls)
	return false
}

// keepsMark reports whether a connection that wants to set a read mark to the end of the log, before a
// read, keeps a lock whose mark is near. SQLite reads with that one when the others are said to be in use.
func (r *reader) keepsMark() bool {
	if r.checkpointing {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept <= firstReadLock {
		return false
	}
	end := atomic.LoadUint32(cmem.As[uint32](r.log.address + endAt))
	mark := atomic.LoadUint32(cmem.As[uint32](r.log.address + marksAt + uintptr(r.kept-firstReadLock)*4))
	return mark <= end && end-mark <= nearEnd
}

// release gives back the kept lock, if there is one. The caller holds r.mu.
func (r *reader) release(tls *libc.TLS) {
	if r.kept != 0 {
		diskLock(tls, r.file, r.kept, 1, sqlite3.SQLITE_SHM_UNLOCK|sqlite3.SQLITE_SHM_SHARED)
		r.kept = 0
	}
}

// leave removes a reader that uses the log no longer.
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
	alone   atomic.Bool // whether readers alone had it open at the last sweep
	// checkpoints is the number of checkpoints that this process has begun.
	checkpoints atomic.Int64

	mu      sync.Mutex
	readers []*reader
	wait    int // the number of sweeps until it may count as alone
}

// readLogs has all logs. The readers of a log are removed before its shared memory is.
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
	sweepIsDue.Store(false) // a timer of a testing/synctest bubble has ended with the bubble
	return r
}

func (l *readLog) remove(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.readers, r)
	l.readers = slices.Delete(l.readers, i, i+1)
}

// release makes all readers give back the locks that they keep, of n locks from the first one. For a
// checkpoint, those that read keep no lock after it: a connection that begins the next read at once would
// otherwise have the same mark again whenever the checkpoint tries.
func (l *readLog) release(tls *libc.TLS, first, n int32, checkpointing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.readers {
		r.mu.Lock()
		if first <= r.kept && r.kept < first+n {
			r.release(tls)
		}
		if checkpointing && r.kept == 0 {
			r.give = true
		}
		r.mu.Unlock()
	}
}

// sweep makes readers give back the locks that they haven't used since the last sweep, or all
// locks if others have the log open. It reports whether some are still kept.
func (l *readLog) sweep(tls *libc.TLS) (kept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	alone := l.isAlone()
	l.alone.Store(alone) // before the locks, so that a reader keeps none after its turn
	for _, r := range l.readers {
		r.mu.Lock()
		if alone && r.used {
			r.used = false
			kept = kept || r.kept != 0
		} else {
			r.release(tls)
		}
		r.mu.Unlock()
	}
	return kept
}

// isAlone reports whether nobody else has the log open now, nor had a short while ago. The
// caller holds l.mu.
func (l *readLog) isAlone() bool {
	switch {
	case usedByOthers(l.readers[0].file, len(l.readers)):
		l.wait = sweepsAfterOthers
	case l.wait > 0:
		l.wait--
	}
	return l.wait == 0
}

// sweepIsDue is whether a timer will start a sweep.
var sweepIsDue atomic.Bool

// sweepLater starts a timer for a sweep, unless there is one. It is called at the end of each read.
func sweepLater() {
	if !sweepIsDue.Load() && sweepIsDue.CompareAndSwap(false, true) {
		time.AfterFunc(sweepEvery, sweepReadLocks)
	}
}

func sweepReadLocks() {
	tls := libc.NewTLS()
	defer tls.Close()
	sweepIsDue.Store(false) // first: a lock that is kept from now on may be missed by this sweep
	readLogs.Lock()
	defer readLogs.Unlock()
	kept := false
	for _, l := range readLogs.byAddress {
		kept = l.sweep(tls) || kept
	}
	if kept {
		sweepLater()
	}
}

// KeptLock returns the number of the lock that a connection keeps, or 0. file is the database that
// it has open.
func KeptLock(file uintptr) int32 {
	r := readerOf(file)
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept
}

// OpenLogs returns the number of logs that connections have open, to find leaks.
func OpenLogs() int {
	readLogs.Lock()
	defer readLogs.Unlock()
	return len(readLogs.byAddress)
}
