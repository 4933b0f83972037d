package sqlite

import (
	"container/list"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// A queue lets the connections of this process write one after the other, first come first served.
// SQLite would let each try from time to time, and return "database is locked" to some of them. For
// other processes the busy handler waits.
type queue struct {
	mu         sync.Mutex
	held       atomic.Bool // changes under mu
	handedOver time.Time   // the last time that a turn was handed to a connection that waited
	waiting    list.List   // of chan struct{}, each with room for one
}

// enter waits for the caller's turn, which lasts until leave. It fails when the call is over, or when
// another connection has its turn for longer than timeout. The time in a queue that moves isn't limited.
// waiter may be nil. m counts the wait.
func (q *queue) enter(c *call, timeout time.Duration, waiter Waiter, m *engine.Meter) error {
	q.mu.Lock()
	if !q.held.Load() {
		q.held.Store(true)
		q.mu.Unlock()
		return nil
	}
	if timeout <= 0 {
		q.mu.Unlock()
		return errBusy()
	}
	came := time.Now()
	defer m.Wait(came)
	mine := make(chan struct{}, 1)
	place := q.waiting.PushBack(mine)
	q.mu.Unlock()
	if waiter != nil {
		waiter.Waits(1)
		defer waiter.Waits(-1)
	}

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		select {
		case <-mine:
			return nil
		case <-c.done:
			return q.cancel(c, place, mine)
		case <-c.pool:
			return q.cancel(c, place, mine)
		case <-timer.C:
		}
		left := q.remaining(came, timeout)
		if left <= 0 {
			if q.remove(place, mine) {
				return nil
			}
			return errBusy()
		}
		timer.Reset(left)
	}
}

// cancel leaves the queue because the call has ended.
func (q *queue) cancel(c *call, place *list.Element, mine chan struct{}) error {
	if q.remove(place, mine) {
		q.leave()
	}
	return c.cause()
}

// remaining returns the time that a caller, which came at the given time, still waits for the current
// turn to end: the timeout starts again with each turn.
func (q *queue) remaining(came time.Time, timeout time.Duration) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.handedOver.After(came) {
		came = q.handedOver
	}
	return timeout - time.Since(came)
}

// remove removes a place from the queue. It reports true if the caller has got its turn meanwhile.
func (q *queue) remove(place *list.Element, mine chan struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-mine:
		return true
	default:
		q.waiting.Remove(place)
		return false
	}
}

// leave hands the turn to the connection that has waited longest.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := q.waiting.Front()
	if first == nil {
		q.held.Store(false)
		return
	}
	q.handedOver = time.Now()
	q.waiting.Remove(first).(chan struct{}) <- struct{}{}
}

// yield lets a writer run. A reader calls it after each read: readers don't wait for anything, so each
// would use its whole time slice of 10 ms, while a writer, which waits for locks and for the disk, loses its
// processor again and again.
func (q *queue) yield() {
	if q.held.Load() {
		runtime.Gosched()
	}
}

// queues has the queue of each open database, by its key: the file's real path, or the name of a
// database in memory.
var queues = struct {
	sync.Mutex
	byKey map[string]*sharedQueue
}{byKey: map[string]*sharedQueue{}}

type sharedQueue struct {
	queue
	users int
}

// takeQueue returns the queue of a database. The caller calls dropQueue after its use.
func takeQueue(key string) *queue {
	queues.Lock()
	defer queues.Unlock()
	shared := queues.byKey[key]
	if shared == nil {
		shared = &sharedQueue{}
		queues.byKey[key] = shared
	}
	shared.users++
	return &shared.queue
}

func dropQueue(key string) {
	queues.Lock()
	defer queues.Unlock()
	shared := queues.byKey[key]
	if shared.users--; shared.users == 0 {
		delete(queues.byKey, key)
	}
}
